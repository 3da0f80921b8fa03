// Package routers shows the handler of package webhook under the routers that
// services use: it is an [http.Handler], so net/http, chi, gin and echo mount it
// in a line. See the examples.
//
// It is a module of its own, so that none of the routers enters yours.
package routers

// Package adapters shows the handler of package webhook under the routers that
// services use: it is an [http.Handler], so chi, gin and echo mount it in a
// line; see the examples. AWS Lambda calls functions instead, which [Lambda]
// makes of a handler.
//
// It is a module of its own, so that none of them enters yours unasked.
package adapters

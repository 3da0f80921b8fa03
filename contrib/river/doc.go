// Package river runs the durable engine of contrib/durable on PostgreSQL, for a
// fleet: the rows and the state machine are the same, and [River] schedules the
// work and spreads it over the machines. Programs that run River already pass
// their client and get our workers; see [AddWorkers].
//
// [River]: https://riverqueue.com
package river

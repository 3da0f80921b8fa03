// Package durable runs ModelsLab jobs that must not be lost, billed twice or
// processed twice, across kill -9, a deploy or a machine.
//
// An [Engine] keeps one row per job and moves it through a small state machine:
//
//	new → submitting → waiting → result → done
//	          ↓           ↓        ↓
//	       unknown →→→→→ dead ←←←←←
//
// Submit returns when the job is recorded, before ModelsLab is called.
// Deliveries are committed before they are acknowledged, and the callback that
// OnEvent registers writes through the transaction that completes the job. So
// an effect in the same database happens exactly once. A submit whose answer
// was lost is unknown, never silently sent again: see [Policy].
//
// Open of contrib/sqlite keeps the rows in a file and runs the work in this
// process; more processes of the same machine may share the file. Open of
// contrib/river does the same on PostgreSQL, with River spreading the work over
// machines. Both are modules of their own, so that nobody downloads the database
// of the other.
package durable

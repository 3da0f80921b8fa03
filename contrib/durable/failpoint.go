package durable

// failpoint is where tests end the process: before and after every write and
// every call.
var failpoint = func(string) {}

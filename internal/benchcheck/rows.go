package main

import "context"

// A row is one kind of work.
type row struct {
	name    string
	slow    bool
	measure func(ctx context.Context, rounds int) ([]figure, error)
}

var rows = []row{
	{name: "submit, 22 fields, signed URL, generated id", measure: beside("submit-signed", "submit-signed-floor", 0.60, 26)},
	{name: "submit, 22 fields, no webhook", measure: beside("submit", "submit-floor", 0.45, 18)},
	{name: "webhook with client, fresh delivery", measure: beside("delivery", "delivery-floor", 0.65, 9)},
	{name: "loopback, external load, with client", measure: measureLoopback},
	{name: "decode of the published success payload", measure: measureDecode},
	{name: "bodies of 100 KB", measure: measureLarge},
	{name: "RunAll, 15 at a time", measure: measureRunAll},
	{name: "minimal program", measure: measureSize},
}

// beside measures work beside its floor, with a bar for the CPU ratio and one
// for the allocations.
func beside(ours, floor string, ratio, allocations float64) func(context.Context, int) ([]figure, error) {
	return func(ctx context.Context, rounds int) ([]figure, error) {
		c, err := compare(ctx, rounds, ours, floor)
		if err != nil {
			return nil, err
		}
		return c.figures(ratio, allocations), nil
	}
}

func measureDecode(ctx context.Context, rounds int) ([]figure, error) {
	c, err := compare(ctx, rounds, "decode", "decode-floor")
	if err != nil {
		return nil, err
	}
	figures := c.figures(0.25, 3)
	for i := range figures {
		if figures[i].what == bytesAllocated {
			figures[i].bar = 400
		}
	}
	return figures, nil
}

package main

import (
	"context"
	"math"
	"time"
)

// roundTime is about how much CPU time the floor takes in one round.
const roundTime = 25 * time.Millisecond

// A comparison is what the rounds of two workers came to. Each list has one
// value a round.
type comparison struct {
	cpu, wall          []float64 // ours over the floor's
	oursCPU, floorCPU  []float64 // microseconds each
	allocations, bytes float64   // of ours, each
	floorAllocations   float64
}

// compare has two workers do the same work in turns.
func compare(ctx context.Context, rounds int, ours, floor string, args ...string) (comparison, error) {
	var out comparison
	us, err := start(ctx, ours, args...)
	if err != nil {
		return out, err
	}
	defer us.stop()
	them, err := start(ctx, floor, args...)
	if err != nil {
		return out, err
	}
	defer them.stop()
	n, err := enough(them)
	if err != nil {
		return out, err
	}
	for round := range rounds + 1 {
		first, second := us, them
		if round%2 == 1 {
			first, second = them, us
		}
		a, err := first.do(n)
		if err != nil {
			return out, err
		}
		b, err := second.do(n)
		if err != nil {
			return out, err
		}
		if round%2 == 1 {
			a, b = b, a
		}
		if round > 0 { // the first one warms up
			out.add(a, b)
		}
	}
	return out, nil
}

// enough returns how often the floor has to be done to take about roundTime.
func enough(floor *process) (int, error) {
	for n := 50; ; n *= 2 {
		c, err := floor.do(n)
		if err != nil {
			return 0, err
		}
		if c.cpu >= roundTime/2 {
			return max(1, int(float64(n)*float64(roundTime)/float64(c.cpu))), nil
		}
	}
}

func (o *comparison) add(ours, floor cost) {
	n := float64(ours.n)
	o.cpu = append(o.cpu, float64(ours.cpu)/float64(floor.cpu))
	o.wall = append(o.wall, float64(ours.wall)/float64(floor.wall))
	o.oursCPU = append(o.oursCPU, float64(ours.cpu.Nanoseconds())/n/1e3)
	o.floorCPU = append(o.floorCPU, float64(floor.cpu.Nanoseconds())/n/1e3)
	// What else runs in a process, such as a timer, adds a fraction and never an allocation each time.
	o.allocations = math.Floor(ours.allocations / n)
	o.floorAllocations = math.Floor(floor.allocations / n)
	o.bytes = ours.allocated / n
}

const bytesAllocated = "bytes allocated"

// figures are those of a comparison with a bar for the CPU ratio and one for the
// allocations, 0 for none.
func (o *comparison) figures(ratio, allocations float64) []figure {
	return []figure{
		{what: "CPU over the floor's", spread: spreadOf(o.cpu), bar: ratio},
		{what: "allocations", spread: exactly(o.allocations), bar: allocations},
		{what: "CPU, µs", spread: spreadOf(o.oursCPU)},
		{what: "CPU of the floor, µs", spread: spreadOf(o.floorCPU)},
		{what: "allocations of the floor", spread: exactly(o.floorAllocations)},
		{what: bytesAllocated, spread: exactly(o.bytes)},
	}
}

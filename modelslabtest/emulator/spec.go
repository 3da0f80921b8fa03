package emulator

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab/modelslabtest"
)

const defaultLatency = 2 * time.Second

// parseLatency reads "2s" and "2s,video=20s".
func parseLatency(spec string) (func(*modelslabtest.Request) time.Duration, error) {
	all := defaultLatency
	byKind := map[string]time.Duration{}
	for part := range strings.SplitSeq(cmp.Or(spec, defaultLatency.String()), ",") {
		kind, value, ok := strings.Cut(part, "=")
		if !ok {
			kind, value = "", part
		}
		d, err := time.ParseDuration(strings.TrimSpace(value))
		if err != nil || d < 0 {
			return nil, fmt.Errorf("latency %q: want a duration such as 2s, or kind=duration", part)
		}
		if ok {
			byKind[strings.TrimSpace(kind)] = d
		} else {
			all = d
		}
	}
	return func(r *modelslabtest.Request) time.Duration {
		if d, ok := byKind[r.Kind]; ok {
			return d
		}
		return all
	}, nil
}

// A mischief adds one thing that goes wrong to the fault of a call.
type mischief struct {
	submits bool // only submits suffer it
	do      func(f *modelslabtest.Fault, dice *rand.Rand)
}

var mischiefs = map[string]mischief{
	"lost":     {true, func(f *modelslabtest.Fault, _ *rand.Rand) { f.Lost = true }},
	"dup":      {true, func(f *modelslabtest.Fault, dice *rand.Rand) { f.Duplicates = 1 + dice.IntN(2) }},
	"late":     {true, func(f *modelslabtest.Fault, dice *rand.Rand) { f.Late = between(dice, 5*time.Second, 30*time.Second) }},
	"early":    {true, func(f *modelslabtest.Fault, _ *rand.Rand) { f.Early = true }},
	"reorder":  {true, func(f *modelslabtest.Fault, _ *rand.Rand) { f.Reordered, f.Progress = true, max(f.Progress, 1) }},
	"progress": {true, func(f *modelslabtest.Fault, dice *rand.Rand) { f.Progress = 1 + dice.IntN(3) }},
	"fail": {true, func(f *modelslabtest.Fault, _ *rand.Rand) {
		f.Fail = "Processing failed: the emulator was told to fail"
	}},
	"never": {true, func(f *modelslabtest.Fault, _ *rand.Rand) { f.Never = true }},
	"slow":  {false, func(f *modelslabtest.Fault, dice *rand.Rand) { f.Slow = between(dice, time.Second, 5*time.Second) }},
	"reset": {false, func(f *modelslabtest.Fault, dice *rand.Rand) { f.Reset, f.Accept = true, dice.IntN(2) == 0 }},
	"stall": {false, func(f *modelslabtest.Fault, dice *rand.Rand) {
		f.Stall, f.StallAfter = between(dice, 5*time.Second, time.Minute), dice.IntN(20)
	}},
	"5xx": {false, func(f *modelslabtest.Fault, dice *rand.Rand) {
		answerWith(f, modelslabtest.Refused(500, "Internal server error. Please try again."))
		f.Accept = dice.IntN(2) == 0
	}},
	"521": {false, func(f *modelslabtest.Fault, _ *rand.Rand) { answerWith(f, modelslabtest.Page(521)) }},
	"429": {false, func(f *modelslabtest.Fault, _ *rand.Rand) { answerWith(f, modelslabtest.RateLimited(2*time.Second)) }},
	"401": {false, func(f *modelslabtest.Fault, _ *rand.Rand) {
		answerWith(f, modelslabtest.Refused(401, "Invalid API key"))
	}},
	"402": {false, func(f *modelslabtest.Fault, _ *rand.Rand) {
		answerWith(f, modelslabtest.Refused(402, "Insufficient credits. Please add more credits to continue."))
	}},
	"403": {false, func(f *modelslabtest.Fault, _ *rand.Rand) { answerWith(f, modelslabtest.Page(403)) }},
	"html": {false, func(f *modelslabtest.Fault, dice *rand.Rand) {
		answerWith(f, modelslabtest.Page(200))
		f.Accept = dice.IntN(2) == 0
	}},
	"error": {false, func(f *modelslabtest.Fault, _ *rand.Rand) {
		answerWith(f, modelslabtest.Refused(200, "Something went wrong, please try again"))
	}},
}

// answerWith makes f answer what another fault does, and the server not act on
// the request.
func answerWith(f *modelslabtest.Fault, other modelslabtest.Fault) {
	f.Status, f.Body, f.Accept = other.Status, other.Body, false
}

func between(dice *rand.Rand, low, high time.Duration) time.Duration {
	return low + time.Duration(dice.Int64N(int64(high-low)))
}

// parseFaults reads "lost=0.1,5xx=0.05" and returns what rolls the dice.
func parseFaults(spec string, seed uint64) (func(*modelslabtest.Request) *modelslabtest.Fault, error) {
	chances := map[string]float64{}
	for part := range strings.SplitSeq(spec, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		p, err := strconv.ParseFloat(value, 64)
		if _, ok := mischiefs[name]; !ok {
			return nil, fmt.Errorf("faults %q: unknown fault; want %s", part, strings.Join(slices.Sorted(maps.Keys(mischiefs)), ", "))
		}
		if err != nil || !(p >= 0 && p <= 1) {
			return nil, fmt.Errorf("faults %q: want a probability from 0 to 1", part)
		}
		chances[name] = p
	}
	names := slices.Sorted(maps.Keys(chances))
	dice := rand.New(rand.NewPCG(seed, seed))
	return func(r *modelslabtest.Request) *modelslabtest.Fault {
		f := new(modelslabtest.Fault)
		for _, name := range names {
			m := mischiefs[name]
			if hit := dice.Float64() < chances[name]; hit && (r.Call == modelslabtest.Submit || !m.submits) {
				m.do(f, dice)
			}
		}
		return f
	}, nil
}

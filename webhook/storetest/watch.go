package storetest

import (
	"context"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/webhook"
)

// RunWatch tests that a store keeps what [webhook.WatchStore] promises. Every
// call of open returns an empty store. Tests run in parallel.
func RunWatch(t *testing.T, open func(t testing.TB) webhook.WatchStore) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(*watchKit)
	}{
		{"NothingIsDueInAnEmptyStore", (*watchKit).empty},
		{"AnEntryIsKeptWhole", (*watchKit).whole},
		{"WhatIsDueFirstComesFirst", (*watchKit).order},
		{"WatchingAgainExtendsTheDeadline", (*watchKit).again},
		{"AClaimEndsWithItsLease", (*watchKit).lease},
		{"APostponedEntryIsDueAgain", (*watchKit).postponed},
		{"WhatIsDoneStaysGone", (*watchKit).done},
		{"EntriesAreToldApart", (*watchKit).apart},
		{"EachIsClaimedOnce", (*watchKit).concurrent},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(&watchKit{TB: t, store: open(t), now: time.Now().Truncate(time.Millisecond)})
		})
	}
}

// watchKit is one test with a store.
type watchKit struct {
	testing.TB

	store webhook.WatchStore
	now   time.Time
}

// entry is one that is due since ago, or will be where that is negative.
func (k *watchKit) entry(id string, ago time.Duration) webhook.Watched {
	return webhook.Watched{
		Ref: modelslab.Ref{Kind: modelslab.KindVideo, ID: id}, ID: id, TrackID: "track " + id,
		ETA: 45 * time.Second, Next: k.now.Add(-ago), Deadline: k.now.Add(long),
	}
}

func (k *watchKit) watch(entries ...webhook.Watched) {
	k.Helper()
	for _, e := range entries {
		if err := k.store.Watch(k.Context(), e); err != nil {
			k.Fatalf("Watch of %s: %v", e.Ref, err)
		}
	}
}

func (k *watchKit) postpone(e webhook.Watched) {
	k.Helper()
	if err := k.store.Postpone(k.Context(), e); err != nil {
		k.Fatalf("Postpone of %s: %v", e.Ref, err)
	}
}

func (k *watchKit) remove(id string) {
	k.Helper()
	if err := k.store.Done(k.Context(), k.entry(id, 0).Ref); err != nil {
		k.Fatalf("Done of %s: %v", id, err)
	}
}

func (k *watchKit) due(n int, lease time.Duration) (due []webhook.Watched, next time.Time) {
	k.Helper()
	due, next, err := k.store.Due(k.Context(), n, lease)
	if err != nil {
		k.Fatalf("Due: %v", err)
	}
	return due, next
}

// want claims what is due and compares it.
func (k *watchKit) want(want ...webhook.Watched) {
	k.Helper()
	due, _ := k.due(100, long)
	k.equal(due, want...)
}

func (k *watchKit) equal(due []webhook.Watched, want ...webhook.Watched) {
	k.Helper()
	if len(due) != len(want) {
		k.Fatalf("%d entries are due, want %d: %v", len(due), len(want), due)
	}
	for i, w := range want {
		e := due[i]
		k.near("Next", e.Next, w.Next)
		k.near("Deadline", e.Deadline, w.Deadline)
		if e.Next, e.Deadline = w.Next, w.Deadline; !reflect.DeepEqual(e, w) {
			k.Fatalf("entry %d is %+v, want %+v", i, e, w)
		}
	}
}

func (k *watchKit) near(what string, got, want time.Time) {
	k.Helper()
	if got.Sub(want).Abs() >= time.Millisecond {
		k.Fatalf("%s is %s, want %s", what, got, want)
	}
}

// nextIn checks when the next entry will be due, by this machine's clock.
func (k *watchKit) nextIn(next time.Time, least, most time.Duration) {
	k.Helper()
	const skew = 5 * time.Second
	if in := next.Sub(k.now); in < least-skew || in > most+time.Since(k.now)+skew {
		k.Fatalf("the next entry is due in %s, want %s to %s", in, least, most)
	}
}

func (k *watchKit) empty() {
	due, next := k.due(10, long)
	k.equal(due)
	if !next.IsZero() {
		k.Fatalf("the next entry is due at %s, want none", next)
	}
}

func (k *watchKit) whole() {
	odd := webhook.Watched{
		Ref: modelslab.Ref{Kind: modelslab.KindWorkflow, ID: "wf_1/" + strings.Repeat("é", 40)}, ID: "it's \"quoted\"\\ $1 %s",
		TrackID: "видео 001", Link: "4bf92f3577b34da6a3ce929d0e0e4736_-", ETA: 90*time.Second + 1, Polls: 17, Last: true,
		Next: k.now.Add(-time.Minute), Deadline: k.now.Add(30 * 24 * time.Hour),
	}
	bare := webhook.Watched{
		Ref: modelslab.Ref{Kind: modelslab.KindVideo, ID: "1"}, Next: k.now.Add(-time.Second), Deadline: k.now.Add(time.Minute),
	}
	k.watch(bare, odd)
	k.want(odd, bare)
}

func (k *watchKit) order() {
	first, second, third := k.entry("1", 3*time.Hour), k.entry("2", 2*time.Hour), k.entry("3", time.Hour)
	k.watch(second, k.entry("4", -10*time.Minute), third, first)
	due, _ := k.due(2, long)
	k.equal(due, first, second)
	due, next := k.due(2, long)
	k.equal(due, third)
	k.nextIn(next, 10*time.Minute, 10*time.Minute)
	k.remove("4")
	_, next = k.due(2, long)
	k.nextIn(next, long, long) // a claimed one's
}

func (k *watchKit) again() {
	e := k.entry("1", time.Minute)
	k.watch(e)
	later, sooner := e, e
	later.Deadline, later.Next, later.Polls = e.Deadline.Add(time.Hour), k.now.Add(time.Hour), 9
	sooner.Deadline = e.Deadline.Add(-time.Minute)
	k.watch(later, sooner)
	e.Deadline = later.Deadline
	k.want(e)
	k.watch(later)
	k.want() // it is claimed still
}

func (k *watchKit) lease() {
	e := k.entry("1", time.Minute)
	k.watch(e)
	due, _ := k.due(10, 300*time.Millisecond)
	k.equal(due, e)
	ctx, cancel := context.WithTimeout(k.Context(), time.Minute)
	defer cancel()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		if due, _ = k.due(10, long); len(due) > 0 {
			break
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			k.Fatal("a claim with a short lease stands after a minute")
		}
	}
	if len(due) != 1 || due[0].Ref != e.Ref {
		k.Fatalf("due is %v", due)
	}
	k.want() // the new claim stands
}

func (k *watchKit) postponed() {
	e := k.entry("1", time.Minute)
	k.watch(e)
	k.want(e)
	e.Polls, e.Next = 1, k.now.Add(-time.Second)
	k.postpone(e)
	k.want(e)
	later := e
	later.Deadline = e.Deadline.Add(time.Hour)
	k.watch(later)
	e.Polls, e.Last, e.Next = 2, true, k.now.Add(10*time.Minute)
	k.postpone(e) // by who claimed it before the deadline was moved
	due, next := k.due(10, long)
	k.equal(due)
	k.nextIn(next, 10*time.Minute, 10*time.Minute)
	e.Next = k.now.Add(-time.Second)
	k.postpone(e)
	later.Polls, later.Last, later.Next = e.Polls, e.Last, e.Next
	k.want(later)
}

func (k *watchKit) done() {
	kept, gone := k.entry("1", time.Minute), k.entry("2", 2*time.Minute)
	k.watch(kept, gone)
	k.remove("2")
	k.remove("2")
	k.remove("none")
	k.want(kept)
	k.remove("1")
	kept.Next = k.now.Add(-time.Minute)
	k.postpone(kept) // its end came while it was polled
	k.want()
	k.watch(gone)
	k.want(gone)
}

func (k *watchKit) apart() {
	other := k.entry("1", time.Minute)
	other.Ref.Kind = modelslab.KindVoice
	capital := k.entry("a", 2*time.Minute)
	capital.Ref.ID = "A"
	entries := []webhook.Watched{k.entry("1", 4*time.Minute), k.entry("a", 3*time.Minute), capital, other}
	k.watch(entries...)
	k.want(entries...)
	k.remove("1")
	k.remove("a")
	for _, e := range entries {
		e.Next = k.now.Add(-time.Second)
		k.postpone(e)
	}
	if due, _ := k.due(10, long); len(due) != 2 {
		k.Fatalf("%d entries are due, want those of another kind and another letter: %v", len(due), due)
	}
}

func (k *watchKit) concurrent() {
	const n = 60
	for i := range n {
		k.watch(k.entry(strconv.Itoa(i), time.Minute))
	}
	var mu sync.Mutex
	claims := map[string]int{}
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			for range n { // more often than it takes
				due, _, err := k.store.Due(k.Context(), 4, long)
				if err != nil {
					k.Errorf("Due: %v", err)
					return
				}
				mu.Lock()
				for _, e := range due {
					claims[e.Ref.ID]++
				}
				mu.Unlock()
			}
		})
	}
	callers.Wait()
	for id, times := range claims {
		if times > 1 {
			k.Errorf("entry %s was claimed %d times", id, times)
		}
	}
	if len(claims) != n {
		k.Errorf("%d entries were claimed, want %d", len(claims), n)
	}
}

// Package storetest tests what replicas of a service share, in a database or a
// broker of yours: implementations of [webhook.Store], [webhook.WatchStore]
// and [webhook.Bus].
package storetest

import (
	"context"
	"crypto/rand"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/modelslab-go/modelslab/webhook"
)

const (
	success   = "final:success"
	failed    = "final:failed"
	cancelled = "final:cancelled"
)

// Run tests that a store keeps what [webhook.Store] promises. open returns the
// store; it may be the same one each time, and need not be empty, since every
// test uses names of its own. Claims are left behind in it. Tests run in
// parallel.
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t testing.TB) webhook.Store { return postgresStore(t) })
//	}
func Run(t *testing.T, open func(t testing.TB) webhook.Store) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(*kit)
	}{
		{"AClaimIsExclusive", (*kit).exclusive},
		{"AReleasedClaimIsFree", (*kit).released},
		{"TheFirstEndWins", (*kit).firstEnd},
		{"NothingComesAfterTheEnd", (*kit).afterTheEnd},
		{"StagesAreEventsOfTheirOwn", (*kit).stages},
		{"AllNamesMeanTheJob", (*kit).names},
		{"OtherJobsAreOthers", (*kit).others},
		{"AClaimEndsWithItsLease", (*kit).lease},
		{"RepeatsAreHarmless", (*kit).repeats},
		{"OneOfManyWins", (*kit).concurrent},
		{"OverlappingNamesDoNotDeadlock", (*kit).overlapping},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(&kit{TB: t, store: open(t), job: rand.Text()})
		})
	}
}

// kit is one test with a store.
type kit struct {
	testing.TB

	store webhook.Store
	job   string // part of every name
}

// long is a lease that does not end during a test.
const long = time.Hour

func (k *kit) name(parts ...string) []string {
	names := make([]string, len(parts))
	for i, part := range parts {
		names[i] = part + "/" + k.job
	}
	return names
}

func (k *kit) want(want webhook.State, event string, names ...string) {
	k.Helper()
	state, err := k.store.Claim(k.Context(), k.name(names...), event, long)
	if err != nil {
		k.Fatalf("Claim of %s under %q: %v", event, names, err)
	}
	if state != want {
		k.Fatalf("Claim of %s under %q: %v, want %v", event, names, state, want)
	}
}

func (k *kit) commit(event string, names ...string) {
	k.Helper()
	if err := k.store.Commit(k.Context(), k.name(names...), event); err != nil {
		k.Fatalf("Commit of %s under %q: %v", event, names, err)
	}
}

func (k *kit) release(event string, names ...string) {
	k.Helper()
	if err := k.store.Release(k.Context(), k.name(names...), event); err != nil {
		k.Fatalf("Release of %s under %q: %v", event, names, err)
	}
}

func (k *kit) exclusive() {
	k.want(webhook.Claimed, success, "video")
	k.want(webhook.Busy, success, "video")
	k.want(webhook.Busy, failed, "video")
	k.want(webhook.Busy, "progress:1", "video")
	k.commit(success, "video")
	k.want(webhook.Done, success, "video")
}

func (k *kit) released() {
	k.want(webhook.Claimed, success, "video", "token")
	k.release(success, "video", "token")
	k.want(webhook.Claimed, failed, "token", "video")
	k.release(success, "video", "token") // another event's claim is not its to release
	k.want(webhook.Busy, failed, "video")
	k.commit(failed, "video", "token")
	k.release(failed, "video", "token") // nor is what was handled
	k.want(webhook.Done, failed, "video")
}

func (k *kit) firstEnd() {
	k.want(webhook.Claimed, failed, "video")
	k.commit(failed, "video")
	k.want(webhook.Done, failed, "video")
	k.want(webhook.Conflict, success, "video")
	k.want(webhook.Conflict, cancelled, "video")
	k.want(webhook.Done, failed, "video")
}

func (k *kit) afterTheEnd() {
	k.want(webhook.Claimed, "stage:a", "training")
	k.release("stage:a", "training")
	k.want(webhook.Claimed, success, "training")
	k.commit(success, "training")
	k.want(webhook.Done, "stage:a", "training")
	k.want(webhook.Done, "stage:b", "training")
	k.want(webhook.Done, "progress:1", "training")
	k.want(webhook.Done, "unknown:1", "training")
}

func (k *kit) stages() {
	k.want(webhook.Claimed, "stage:a", "training")
	k.want(webhook.Busy, "stage:a", "training")
	k.want(webhook.Claimed, "stage:b", "training")
	k.commit("stage:a", "training")
	k.want(webhook.Done, "stage:a", "training")
	k.want(webhook.Busy, "stage:b", "training")
	k.release("stage:b", "training")
	k.want(webhook.Claimed, "stage:b", "training")
	k.want(webhook.Claimed, success, "training") // a stage does not hold up the end
}

func (k *kit) names() {
	long := "video/" + strings.Repeat("x", 160) // names have up to 200 bytes
	k.want(webhook.Claimed, success, "token", long)
	k.want(webhook.Busy, success, long)
	k.want(webhook.Busy, success, "new", "token")
	k.commit(success, "token", long)
	k.want(webhook.Done, success, long)
	k.want(webhook.Done, success, "token", "another") // which is the job's from now on
	k.want(webhook.Conflict, failed, "another")
	k.want(webhook.Conflict, failed, "third", "another")
	k.want(webhook.Done, success, "third")
}

func (k *kit) others() {
	k.want(webhook.Claimed, success, "video/1")
	k.want(webhook.Claimed, success, "video/10")
	k.want(webhook.Claimed, success, "VIDEO/1")
	k.want(webhook.Claimed, success, "images/1")
	k.commit(success, "video/1")
	k.want(webhook.Claimed, failed, "video/2")
	k.want(webhook.Busy, success, "video/10")
}

func (k *kit) lease() {
	names := k.name("video", "token")
	const short = 300 * time.Millisecond
	for _, event := range []string{"stage:a", success} {
		if state, err := k.store.Claim(k.Context(), names, event, short); err != nil || state != webhook.Claimed {
			k.Fatalf("Claim of %s: %v, %v", event, state, err)
		}
		k.eventually(event, names)
		k.want(webhook.Busy, event, "video") // the new claim stands
	}
	k.commit(success, "video", "token")
	k.want(webhook.Done, success, "token")
}

// eventually claims an event whose claim runs out.
func (k *kit) eventually(event string, names []string) {
	k.Helper()
	ctx, cancel := context.WithTimeout(k.Context(), time.Minute)
	defer cancel()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		state, err := k.store.Claim(ctx, names, event, long)
		switch {
		case err != nil:
			k.Fatalf("Claim of %s: %v", event, err)
		case state == webhook.Claimed:
			return
		case state != webhook.Busy:
			k.Fatalf("Claim of %s while its claim stands: %v, want %v", event, state, webhook.Busy)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			k.Fatalf("a claim of %s with a short lease stands after a minute", event)
		}
	}
}

func (k *kit) repeats() {
	k.release(success, "video")
	k.want(webhook.Claimed, success, "video")
	k.release(success, "video")
	k.release(success, "video")
	k.want(webhook.Claimed, success, "video")
	k.commit(success, "video")
	k.commit(success, "video")
	k.want(webhook.Done, success, "video")
	k.commit("stage:a", "unclaimed") // the claim may have run out meanwhile
	k.want(webhook.Done, "stage:a", "unclaimed")
}

func (k *kit) concurrent() {
	states := k.race(8, func(int) []string { return k.name("token", "video", "track") })
	if states[webhook.Claimed] != 1 || states[webhook.Busy] != 7 {
		k.Fatalf("8 claims of one event at a time: %v, want 1 claimed and 7 busy", states)
	}
}

func (k *kit) overlapping() {
	for round := range 10 {
		part := string(rune('a' + round))
		all := k.name(part+"1", part+"2", part+"3", part+"4")
		states := k.race(8, func(i int) []string { // each has the first name, in front or behind
			if i%2 == 0 {
				return []string{all[0], all[1+i%3]}
			}
			return []string{all[1+i%3], all[0]}
		})
		if states[webhook.Claimed] != 1 {
			k.Fatalf("8 claims under overlapping names: %v, want 1 claimed", states)
		}
	}
}

// race claims one event n times at once, and counts the answers.
func (k *kit) race(n int, names func(i int) []string) map[webhook.State]int {
	k.Helper()
	var mu sync.Mutex
	states := map[webhook.State]int{}
	var claims sync.WaitGroup
	for i := range n {
		claims.Go(func() {
			state, err := k.store.Claim(k.Context(), names(i), success, long)
			if err != nil {
				k.Errorf("Claim: %v", err)
			}
			mu.Lock()
			defer mu.Unlock()
			states[state]++
		})
	}
	claims.Wait()
	return states
}

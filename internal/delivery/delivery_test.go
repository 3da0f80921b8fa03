package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/delivery"
	"github.com/modelslab-go/modelslab/internal/retry"
	"github.com/modelslab-go/modelslab/internal/token"
)

// state is a job as these tests have it: what a table reads of it.
type state = *delivery.Report

func newTable() *delivery.Table[state] {
	return delivery.New(func(s state) delivery.Report { return *s })
}

func video(id string) delivery.Identity { return delivery.Identity{Kind: "video", ID: id} }

func done(id, trackID string) state {
	return &delivery.Report{
		Identity: delivery.Identity{Kind: "video", ID: id, OtherID: id}, TrackID: trackID,
		Ended: true, Final: true, Succeeded: true, Links: [3][]string{{"https://modelslab.com/" + id}},
	}
}

func accept(context.Context, state) (bool, error) { return true, nil }

func TestNames(t *testing.T) {
	t.Parallel()
	track := delivery.TrackOf("video_001")
	for _, tt := range []struct {
		name string
		id   delivery.Identity
		want []delivery.Name
	}{
		{"none", delivery.Identity{}, []delivery.Name{{Track: track}}},
		{"one id", delivery.Identity{Kind: "video", ID: "12", OtherID: "12"}, []delivery.Name{{Kind: "video", ID: "12"}, {Track: track}}},
		{"two ids", delivery.Identity{Kind: "video", ID: "12", OtherID: "34"}, []delivery.Name{
			{Kind: "video", ID: "12"},
			{Kind: "video", ID: "34"},
			{Track: track},
		}},
		{"the body's alone", delivery.Identity{OtherID: "34"}, []delivery.Name{{ID: "34"}, {Track: track}}},
		{"a run", delivery.Identity{Kind: "workflow", ID: "wf/5", OtherID: "5"}, []delivery.Name{{Kind: "workflow", ID: "wf/5"}, {Track: track}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, tt.id.Names(track))
			require.Equal(t, tt.want[:len(tt.want)-1], tt.id.Names(token.JobKey{}))
		})
	}
	require.Zero(t, delivery.TrackOf(""))
}

func TestWaiterTakesWhatIsAboutItsJob(t *testing.T) {
	t.Parallel()
	waiting := delivery.Identity{Kind: "video", ID: "12", OtherID: "34"}
	run := delivery.Identity{Kind: "workflow", ID: "wf/5", OtherID: "5"}
	for _, tt := range []struct {
		name      string
		waiting   delivery.Identity
		delivered delivery.Identity
		trackID   string
		want      bool
	}{
		{"the same id", waiting, video("12"), "", true},
		{"the other id", waiting, video("34"), "", true},
		{"the other id, in the body", waiting, delivery.Identity{Kind: "video", ID: "99", OtherID: "34"}, "", true},
		{"the track id alone", waiting, delivery.Identity{}, "video_001", true},
		{"the track id, of another job", waiting, delivery.Identity{Kind: "video", ID: "56", OtherID: "56"}, "video_001", false},
		{"the track id, without a kind", waiting, delivery.Identity{ID: "12", OtherID: "12"}, "video_001", true},
		{"the id, of another kind", waiting, delivery.Identity{Kind: "voice", ID: "12", OtherID: "12"}, "video_001", false},
		{"a run's execution", run, delivery.Identity{Kind: "workflow", OtherID: "5"}, "video_001", true},
		{"a run's execution, where its path alone names it", delivery.Identity{Kind: "workflow", ID: "wf/5"}, delivery.Identity{Kind: "workflow", OtherID: "5"}, "video_001", true},
		{"another execution, likewise", delivery.Identity{Kind: "workflow", ID: "wf/5"}, delivery.Identity{Kind: "workflow", OtherID: "6"}, "video_001", false},
		{"another run", run, delivery.Identity{Kind: "workflow", ID: "wf/6", OtherID: "6"}, "video_001", false},
		{"a run of the same number", run, delivery.Identity{Kind: "workflow", ID: "other/5"}, "", false},
		{"nothing in common", waiting, delivery.Identity{Kind: "images", ID: "7"}, "x", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			table := newTable()
			w := table.Wait(tt.waiting, "video_001")
			failed := &delivery.Report{Identity: tt.delivered, TrackID: tt.trackID, Ended: true, Final: true}
			table.Wake(failed, delivery.TrackOf(tt.trackID))
			require.Equal(t, tt.want, w.Take() == failed)
			w.Close()
			require.False(t, table.Awaited(tt.waiting.Names(delivery.TrackOf("video_001"))))

			// Early is as good.
			late := table.Wait(tt.waiting, "video_001")
			require.Equal(t, tt.want, late.Take() == failed)
			late.Close()
			names := tt.waiting.Names(delivery.TrackOf("video_001"))
			require.Equal(t, tt.want, table.EndedEarly(tt.waiting, names))
		})
	}
}

func TestWaiterKeepsTheEnd(t *testing.T) {
	t.Parallel()
	table := newTable()
	w := table.Wait(video("1"), "")
	progress := &delivery.Report{Identity: video("1")}
	end := done("1", "")
	for _, job := range []state{progress, progress, end, progress, {Identity: end.Identity, Ended: true, Final: true}} {
		table.Wake(job, token.JobKey{})
	}
	require.True(t, w.Delivered())
	require.Same(t, end, w.Take())
	table.Wake(&delivery.Report{Identity: end.Identity, Ended: true}, token.JobKey{})
	require.Same(t, end, w.Take(), "a success without a result is no end")
}

func TestSeveralWaitForOneJob(t *testing.T) {
	t.Parallel()
	table := newTable()
	first, second := table.Wait(video("1"), ""), table.Wait(video("1"), "")
	end := done("1", "")
	table.Wake(end, token.JobKey{})
	first.Close()
	require.Same(t, end, second.Take())
	require.True(t, table.Awaited([]delivery.Name{{Kind: "video", ID: "1"}}))
	second.Close()
	second.Close()
	require.False(t, table.Awaited([]delivery.Name{{Kind: "video", ID: "1"}}))
}

func TestWaiterIsAwayDuringACallback(t *testing.T) {
	t.Parallel()
	table := newTable()
	names := []delivery.Name{{Kind: "video", ID: "1"}}
	w := table.Wait(video("1"), "")
	require.True(t, table.Awaited(names))
	w.Away(func() {
		require.False(t, table.Awaited(names))
		other := table.Wait(video("1"), "")
		require.True(t, table.Awaited(names), "another one polls")
		other.Close()
	})
	require.True(t, table.Awaited(names))
	require.Panics(t, func() { w.Away(func() { panic("callback") }) })
	require.True(t, table.Awaited(names))
}

func TestAFinalDeliveryEndsThePoll(t *testing.T) {
	t.Parallel()
	table := newTable()
	w := table.Wait(video("1"), "")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	require.True(t, w.Polling(cancel))
	table.Wake(&delivery.Report{Identity: video("1")}, token.JobKey{})
	require.NoError(t, ctx.Err(), "progress ends nothing")
	table.Wake(done("2", ""), token.JobKey{})
	require.NoError(t, ctx.Err(), "another job's end neither")
	require.True(t, w.Polling(nil))
	table.Wake(done("1", ""), token.JobKey{})
	require.NoError(t, ctx.Err(), "no poll was under way")

	w = table.Wait(video("3"), "")
	require.True(t, w.Polling(cancel))
	table.Wake(done("3", ""), token.JobKey{})
	require.ErrorIs(t, ctx.Err(), context.Canceled)
	require.False(t, w.Polling(nil), "there is an end to take")
}

func TestEarlyDeliveriesAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		table := newTable()
		const n = 200
		for i := range n {
			job := done(fmt.Sprint(i), "track")
			job.Size = 1 << 20
			table.Wake(job, delivery.TrackOf("track"))
		}
		kept := 0
		for i := range n {
			if table.Wait(video(fmt.Sprint(i)), "").Take() != nil {
				kept++
			}
		}
		require.InDelta(t, 15, kept, 1, "each counts for two megabytes of 32")
		require.NotNil(t, table.Wait(video("199"), "").Take())
		require.NoError(t, retry.Sleep(t.Context(), 10*time.Minute))
		require.Nil(t, table.Wait(video("199"), "").Take())
	})
}

func TestDeliverTakesOnePath(t *testing.T) {
	t.Parallel()
	var path []string
	table := newTable()
	table.OnEnd(func(job delivery.Identity, track delivery.Name) {
		require.Equal(t, delivery.Name{Track: delivery.TrackOf("track")}, track)
		path = append(path, "slot "+job.ID)
	})
	w := table.Wait(video("1"), "")
	errCallback := errors.New("callback failed")
	accepted := false
	detach, ok := table.Attach(func(_ context.Context, job state) (bool, error) {
		path = append(path, "sink "+job.ID)
		require.Nil(t, w.Take(), "waiters come last")
		return accepted, errCallback
	}, nil)
	require.True(t, ok)
	_, ok = table.Attach(accept, nil)
	require.False(t, ok, "there is one already")

	require.NoError(t, table.Polled(t.Context(), &delivery.Report{Identity: video("1")}), "progress is the poller's alone")
	require.Empty(t, path)
	require.ErrorIs(t, table.Polled(t.Context(), &delivery.Report{Identity: video("1"), Stage: true}), errCallback)
	require.Equal(t, []string{"sink 1"}, path)
	require.ErrorIs(t, table.Deliver(t.Context(), done("1", "track")), errCallback)
	require.Equal(t, []string{"sink 1", "slot 1", "sink 1"}, path)
	require.Nil(t, w.Take(), "the sink has not accepted it")
	accepted = true
	require.ErrorIs(t, table.Polled(t.Context(), done("1", "track")), errCallback)
	require.NotNil(t, w.Take())
	detach()
	require.NoError(t, table.Deliver(t.Context(), done("2", "track")))
	require.Equal(t, "slot 2", path[len(path)-1])
}

func TestSubmissionsAreBounded(t *testing.T) {
	t.Parallel()
	table := newTable()
	track := token.JobOf("video_001")
	for i := range 20 {
		table.Accepted(table.Submitting("video_001", int64(i), true), &delivery.Report{Identity: video(fmt.Sprint(i))})
	}
	s := table.SubmittedUnder(track)
	require.Len(t, s.Jobs, 8)
	require.Equal(t, delivery.Submitted{Kind: "video", ID: "19", Expiry: 19}, s.Jobs[7])
	require.False(t, s.Open)
	table.Refused(table.Submitting("video_001", 0, true))
	require.False(t, table.SubmittedUnder(track).Open)
	table.Submitting("video_001", 0, true)
	require.True(t, table.SubmittedUnder(track).Open, "the outcome is not known")
	const kept = 1 << 16
	for i := range kept + 10 {
		table.Expiry(fmt.Sprint("track", i), time.Now())
	}
	require.Zero(t, table.SubmittedUnder(track), "the oldest made room")
	require.NotZero(t, table.SubmittedUnder(token.JobOf(fmt.Sprint("track", 20))))
}

// TestAReplyThatNamesNoJob: it ends the submit and is about no job.
func TestAReplyThatNamesNoJob(t *testing.T) {
	t.Parallel()
	table := newTable()
	table.Accepted(table.Submitting("a", 7, true), &delivery.Report{})
	require.Empty(t, table.SubmittedUnder(token.JobOf("a")).Jobs)
	require.False(t, table.SubmittedUnder(token.JobOf("a")).Open)
	table.Accepted(table.Submitting("a", 7, true), &delivery.Report{Identity: delivery.Identity{Kind: "video"}})
	table.Accepted(table.Submitting("a", 7, true), &delivery.Report{Identity: delivery.Identity{ID: "12"}})
	require.Len(t, table.SubmittedUnder(token.JobOf("a")).Jobs, 2)
}

func TestSubmittedAs(t *testing.T) {
	t.Parallel()
	table := newTable()
	job := done("12", "a")
	job.OtherID, job.Succeeded = "34", false
	table.Accepted(table.Submitting("a", 77, true), job)
	trackID, submitted, ok := table.SubmittedAs("video", "12")
	require.True(t, ok)
	require.Equal(t, "a", trackID)
	require.Equal(t, delivery.Submitted{Kind: "video", ID: "12", OtherID: "34", Expiry: 77}, submitted)
	require.True(t, submitted.Is("12") && submitted.Is("34"))
	require.False(t, submitted.Is("") || submitted.Is("77"))
	table.Fetched(done("12", "a"))
	_, submitted, _ = table.SubmittedAs("video", "12")
	require.True(t, submitted.Succeeded)
	_, _, ok = table.SubmittedAs("voice", "12")
	require.False(t, ok)
	w := table.Wait(video("12"), "") // whoever waits by the id alone gets what is delivered by track id
	end := &delivery.Report{TrackID: "a", Ended: true, Final: true}
	table.Wake(end, delivery.TrackOf("a"))
	require.Same(t, end, w.Take())
}

func TestTokensOfOneTrackIDDiffer(t *testing.T) {
	t.Parallel()
	table := newTable()
	now := time.Unix(1_700_000_000, 0)
	first := table.Expiry("a", now)
	require.Equal(t, now.Add(token.Lifetime), first)
	require.Equal(t, first.Add(time.Second), table.Expiry("a", now))
	require.Equal(t, first, table.Expiry("b", now))
}

// Without a callback and a sink nothing can be delivered, so nothing is kept.
func TestPollersPayForNoDeliveries(t *testing.T) {
	t.Parallel()
	table := newTable()
	pending := table.Submitting("a", 0, false)
	require.Zero(t, table.SubmittedUnder(token.JobOf("a")))
	table.Accepted(pending, done("1", "a"))
	table.Refused(pending)
	require.Zero(t, table.SubmittedUnder(token.JobOf("a")))
	_, _, ok := table.SubmittedAs("video", "1")
	require.False(t, ok)
}

func TestArrivalsAreJudgedByTheNewest(t *testing.T) {
	t.Parallel()
	table := newTable()
	n := 0
	submit := func() state {
		n++
		job := done(fmt.Sprint(n), fmt.Sprint("track", n))
		table.Accepted(table.Submitting(job.TrackID, 0, true), job)
		return job
	}
	expected := func(atStake bool) bool {
		job := submit()
		want := table.Expected(job.Identity, job.TrackID, atStake)
		require.Equal(t, want, table.Expected(video(job.ID), "", atStake), "by its id as well")
		return want
	}
	require.False(t, expected(false), "there is no sink")
	detach, _ := table.Attach(accept, nil)
	require.True(t, expected(false), "before anything is known")
	require.False(t, table.Expected(video("unknown"), "", false))

	for range 1000 {
		require.NoError(t, table.Polled(t.Context(), submit()))
	}
	require.False(t, expected(false), "all went elsewhere")
	for range 64 {
		table.Arrived(submit(), token.JobKey{})
	}
	require.True(t, expected(false), "the newest came here")
	require.False(t, expected(true), "a slot is at stake, and some were missed")
	for range 640 {
		job := submit()
		require.NoError(t, table.Polled(t.Context(), job), "a poll was faster")
		table.Arrived(job, token.JobKey{})
		table.Arrived(job, token.JobKey{})
	}
	require.True(t, expected(true), "but it did come")
	detach()
	require.False(t, expected(false))
}

func TestPollNow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		table := newTable()
		track := delivery.TrackOf("video_001")
		var polled []delivery.Identity
		table.OnPollNow(func(job delivery.Identity, by delivery.Name) {
			require.Equal(t, delivery.Name{Track: track}, by)
			polled = append(polled, job)
		})
		w, other := table.Wait(video("1"), "video_001"), table.Wait(video("2"), "video_001")
		slept := func(w *delivery.Waiter[state]) time.Duration {
			start := time.Now()
			delivered, err := w.Sleep(t.Context(), time.Hour)
			require.NoError(t, err)
			require.False(t, delivered)
			return time.Since(start)
		}
		table.PollNow(video("1"), track)
		table.PollNow(video("1"), track)
		require.Equal(t, []delivery.Identity{video("1"), video("1")}, polled)
		require.Zero(t, slept(w))
		require.Equal(t, time.Hour, slept(other), "the track id is another job's too")

		poll := func() { require.True(t, w.Polling(func() {})) }
		poll()
		require.True(t, w.Polling(nil))
		require.Equal(t, time.Hour, slept(w), "one poll was due")
		poll()
		table.PollNow(video("1"), track)
		require.True(t, w.Polling(nil))
		require.Zero(t, slept(w), "the poll under way may have had an older answer")
		poll()

		table.PollNow(video("1"), track)
		table.Wake(&delivery.Report{Identity: video("1")}, track)
		delivered, err := w.Sleep(t.Context(), time.Hour)
		require.NoError(t, err)
		require.True(t, delivered)
		require.NotNil(t, w.Take())
		require.Zero(t, slept(w), "what was delivered may be older")

		early := 0
		for range 100 {
			poll()
			table.PollNow(video("1"), track)
			if slept(w) == 0 {
				early++
			}
		}
		require.Less(t, early, 16, "who repeats messages causes few polls")
		require.Positive(t, early)
	})
}

// Where other processes say what they received, polls need be no closer than
// where it came in here.
func TestPollNowCountsAsADelivery(t *testing.T) {
	t.Parallel()
	table := newTable()
	detach, _ := table.Attach(accept, nil)
	defer detach()
	expected := func(id string) bool {
		table.Accepted(table.Submitting("t"+id, 0, true), &delivery.Report{Identity: video(id), TrackID: "t" + id})
		return table.Expected(video(id), "t"+id, false)
	}
	require.True(t, expected("1"))
	require.NoError(t, table.Polled(t.Context(), done("1", "t1")))
	require.False(t, expected("2"), "a poll was faster")
	table.PollNow(video("2"), delivery.TrackOf("t2"))
	require.NoError(t, table.Polled(t.Context(), done("2", "t2")))
	require.True(t, expected("3"))
}

func TestAcceptedJobsAreHandedOn(t *testing.T) {
	t.Parallel()
	table := newTable()
	var accepted []string
	detach, ok := table.Attach(accept, func(job state) { accepted = append(accepted, job.ID) })
	require.True(t, ok)
	table.Accepted(table.Submitting("a", 0, false), done("1", "a"))
	table.Refused(table.Submitting("b", 0, true))
	detach()
	table.Accepted(table.Submitting("c", 0, true), done("3", "c"))
	require.Equal(t, []string{"1"}, accepted)
}

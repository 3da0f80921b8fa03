package modelslab

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/token"
)

func newDeliveries() *deliveries {
	d := new(deliveries)
	d.init()
	return d
}

func done(id, trackID string) *Job {
	return &Job{Ref: Ref{KindVideo, id}, ID: id, Status: StatusSuccess, TrackID: trackID, Output: []string{"https://modelslab.com/" + id}}
}

func TestWaiterTakesWhatConcernsIt(t *testing.T) {
	t.Parallel()
	waiting := &Job{Ref: Ref{KindVideo, "12"}, ID: "34", TrackID: "video_001"}
	run := &Job{Ref: Ref{KindWorkflow, "wf/5"}, ID: "5", TrackID: "video_001"}
	tests := []struct {
		name      string
		waiting   *Job
		delivered *Job
		want      bool
	}{
		{"the same Ref", waiting, &Job{Ref: Ref{KindVideo, "12"}}, true},
		{"the other id", waiting, &Job{Ref: Ref{KindVideo, "34"}}, true},
		{"the other id, in the body", waiting, &Job{Ref: Ref{KindVideo, "99"}, ID: "34"}, true},
		{"the track id alone", waiting, &Job{TrackID: "video_001"}, true},
		{"the track id, of another job", waiting, &Job{Ref: Ref{KindVideo, "56"}, ID: "56", TrackID: "video_001"}, false},
		{"the track id, without a kind", waiting, &Job{Ref: Ref{"", "12"}, ID: "12", TrackID: "video_001"}, true},
		{"the id, of another kind", waiting, &Job{Ref: Ref{KindVoice, "12"}, ID: "12", TrackID: "video_001"}, false},
		{"a run's execution", run, &Job{Ref: Ref{KindWorkflow, ""}, ID: "5", TrackID: "video_001"}, true},
		{"another run", run, &Job{Ref: Ref{KindWorkflow, "wf/6"}, ID: "6", TrackID: "video_001"}, false},
		{"nothing in common", waiting, &Job{Ref: Ref{KindImages, "7"}, TrackID: "x"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := newDeliveries()
			w := d.wait(tt.waiting.Ref, tt.waiting)
			tt.delivered.Status = StatusFailed
			d.wake(tt.delivered, trackOf(tt.delivered.TrackID))
			require.Equal(t, tt.want, w.take() == tt.delivered)
			w.remove()
			require.Empty(t, d.waiters)

			// Early is as good.
			late := d.wait(tt.waiting.Ref, tt.waiting)
			require.Equal(t, tt.want, late.take() == tt.delivered)
			late.remove()
		})
	}
}

func TestWaiterKeepsTheEnd(t *testing.T) {
	t.Parallel()
	d := newDeliveries()
	w := d.wait(Ref{KindVideo, "1"}, nil)
	progress := &Job{Ref: Ref{KindVideo, "1"}, Status: StatusProcessing}
	end := done("1", "")
	for _, job := range []*Job{progress, progress, end, progress, {Ref: end.Ref, Status: StatusFailed}} {
		d.wake(job, token.Job{})
	}
	<-w.wake
	require.Same(t, end, w.take())
	d.wake(&Job{Ref: end.Ref, Status: StatusSuccess}, token.Job{})
	require.Same(t, end, w.take(), "a success without a result tells nothing")
}

func TestEarlyDeliveriesAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDeliveries()
		for i := range 200 {
			job := done(fmt.Sprint(i), "track")
			job.Raw = json.RawMessage(strings.Repeat("x", 1<<20))
			d.wake(job, trackOf("track"))
		}
		require.LessOrEqual(t, d.early.Len(), earlyBytes>>20)
		require.NotNil(t, d.wait(Ref{KindVideo, "199"}, nil).take())
		require.Nil(t, d.wait(Ref{KindVideo, "0"}, nil).take())
		<-time.After(earlyLifetime)
		require.Nil(t, d.wait(Ref{KindVideo, "199"}, nil).take())
	})
}

func TestSubmissionsAreBounded(t *testing.T) {
	t.Parallel()
	d := newDeliveries()
	for i := range 20 {
		settle := d.submitting(callback{url: "https://a.b", trackID: "video_001", expiry: int64(i)})
		settle(&Job{Ref: Ref{KindVideo, fmt.Sprint(i)}}, false)
	}
	s := door{deliveries: d}.Submitted(token.JobOf("video_001"))
	require.Len(t, s.Jobs, jobsPerTrackID)
	require.Equal(t, "19", s.Jobs[jobsPerTrackID-1].ID)
	require.False(t, s.Open)
	settle := d.submitting(callback{url: "https://a.b", trackID: "video_001"})
	require.True(t, door{deliveries: d}.Submitted(token.JobOf("video_001")).Open)
	settle(nil, true)
	require.True(t, door{deliveries: d}.Submitted(token.JobOf("video_001")).Open, "the outcome is not known")
	for i := range submissionsKept + 10 {
		d.expiry(fmt.Sprint("track", i), time.Now())
	}
	require.LessOrEqual(t, d.byTrack.Len(), submissionsKept)
}

// Without a callback and a handler nothing can be delivered, so nothing is kept.
func TestPollersPayForNoDeliveries(t *testing.T) {
	t.Parallel()
	d := newDeliveries()
	settle := d.submitting(callback{trackID: "a"})
	settle(done("1", "a"), false)
	require.Zero(t, d.byTrack.Len())
	require.Zero(t, d.byRef.Len())
}

func TestHostOf(t *testing.T) {
	t.Parallel()
	for link, want := range map[string]string{
		"https://modelslab.com/a.png":               "modelslab.com",
		"https://CDN.ModelsLab.com:443/a":           "cdn.modelslab.com:443",
		"https://a.b?x=/":                           "a.b",
		"https://a.b#x":                             "a.b",
		`https://modelslab.com\@evil.example/`:      "modelslab.com",
		"https://modelslab.com@evil.example/":       "",
		"https://evil%2eexample/":                   "",
		"https://a b/":                              "",
		"modelslab.com/a.png":                       "",
		"":                                          "",
		"https://" + strings.Repeat("a", 300) + "/": "",
	} {
		require.Equal(t, want, hostOf(link), link)
	}
}

func TestTrustedHosts(t *testing.T) {
	t.Parallel()
	d := newDeliveries()
	require.True(t, d.trusts("https://modelslab.com/a"))
	require.True(t, d.trusts("https://cdn2.modelslab.com/a"))
	require.False(t, d.trusts("https://evilmodelslab.com/a"))
	require.False(t, d.trusts("https://pub-1.r2.dev/a"))
	require.False(t, d.trusts("nonsense"))
	d.learn(&Job{Output: []string{"https://pub-1.r2.dev/x", "nonsense"}, FutureLinks: []string{"https://pub-2.r2.dev/x"}})
	require.True(t, d.trusts("https://pub-1.r2.dev/other"))
	require.True(t, d.trusts("https://pub-2.r2.dev/other"))
	require.False(t, d.trusts("https://pub-3.r2.dev/other"))
	require.False(t, d.trusts("more nonsense"))
	for i := range hostsKept + 10 {
		d.learn(&Job{Output: []string{fmt.Sprintf("https://h%d.example/", i)}})
	}
	require.LessOrEqual(t, d.hosts.Len(), hostsKept)
}

func TestArrivalsAreJudgedByTheNewest(t *testing.T) {
	t.Parallel()
	d := newDeliveries()
	n := 0
	submit := func() *Job {
		n++
		job := done(fmt.Sprint(n), fmt.Sprint("track", n))
		d.submitting(callback{url: "https://a.b", trackID: job.TrackID})(job, false)
		return job
	}
	expected := func() bool {
		job := submit()
		require.Equal(t, d.expected(job.Ref, job, false), d.expected(job.Ref, nil, false), "by its Ref as well")
		return d.expected(job.Ref, job, false)
	}
	require.False(t, expected(), "there is no handler")
	d.sink = func(context.Context, any) (bool, error) { return true, nil }
	require.True(t, expected(), "before anything is known")
	require.False(t, d.expected(Ref{KindVideo, "unknown"}, nil, false))

	for range 1000 {
		d.missed(submit())
	}
	require.False(t, expected(), "all went elsewhere")
	for range arrivalsCounted {
		d.heard(submit(), token.Job{})
	}
	require.True(t, expected(), "the newest came here")

	late := submit()
	before := d.lost
	d.missed(late)
	d.missed(late)
	require.Equal(t, before+1, d.lost)
	d.heard(late, token.Job{})
	d.heard(late, token.Job{})
	require.Equal(t, before, d.lost, "a poll was faster, but it did come")
}

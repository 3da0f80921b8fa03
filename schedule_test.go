package modelslab

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/schedule"
)

func TestNextPause(t *testing.T) {
	t.Parallel()
	const eta = 100 * time.Second
	for _, tt := range []struct {
		name            string
		eta             time.Duration
		look            int
		before, elapsed time.Duration
		want            time.Duration
	}{
		{"first look at half the ETA", eta, 0, 0, 0, 50 * time.Second},
		{"then small steps", eta, 1, 50 * time.Second, 50 * time.Second, 6 * time.Second},
		{"growing gently before twice the ETA", eta, 2, 10 * time.Second, 60 * time.Second, 11200 * time.Millisecond},
		{"growing faster after it", eta, 9, 10 * time.Second, 200 * time.Second, 15 * time.Second},
		{"never faster than the floor", time.Millisecond, 0, 0, 0, schedule.MinPause},
		{"a small step has a floor", time.Second, 1, time.Second, time.Second, schedule.MinPause},
		{"never slower than the ceiling", eta, 30, schedule.MaxPause, time.Hour, schedule.MaxPause},
		{"a long ETA has a first look", 20 * time.Hour, 0, 0, 0, schedule.MaxFirstPause},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, schedule.Pause(tt.eta, tt.look, tt.before, tt.elapsed))
		})
	}
}

func TestScheduleTakesOverWhatTheAPISays(t *testing.T) {
	t.Parallel()
	steady := func(s *waitSchedule) *waitSchedule {
		s.random = func() float64 { return 0.5 }
		return s
	}

	t.Run("a corrected ETA starts the schedule anew", func(t *testing.T) {
		t.Parallel()
		s := steady(newSchedule(&Job{ETA: 20 * time.Second}, KindVideo, &callOptions{}))
		require.Equal(t, 10*time.Second, s.next(0))
		s.refresh(100*time.Second, 10*time.Second)
		require.Equal(t, 50*time.Second, s.next(10*time.Second))
	})
	t.Run("an echoed ETA does not", func(t *testing.T) {
		t.Parallel()
		s := steady(newSchedule(&Job{ETA: 20 * time.Second}, KindVideo, &callOptions{}))
		require.Equal(t, 10*time.Second, s.next(0))
		s.refresh(20*time.Second, 10*time.Second)
		require.Equal(t, 1200*time.Millisecond, s.next(10*time.Second))
	})
	t.Run("retry_after comes next, once", func(t *testing.T) {
		t.Parallel()
		s := steady(newSchedule(nil, KindVideo, &callOptions{}))
		require.Equal(t, 5*time.Second, s.next(0))
		s.failed(&fault.Error{RetryAfter: 17 * time.Second})
		require.Equal(t, 17*time.Second, s.next(5*time.Second))
		require.Equal(t, 600*time.Millisecond, s.next(22*time.Second))
	})
	t.Run("PollEvery replaces it", func(t *testing.T) {
		t.Parallel()
		o := &callOptions{pollFirst: 2 * time.Second, pollMax: 4 * time.Second}
		s := steady(newSchedule(&Job{ETA: time.Hour}, KindVideo, o))
		require.Equal(t, 2*time.Second, s.next(0))
		require.Equal(t, 3*time.Second, s.next(0))
		require.Equal(t, 4*time.Second, s.next(0))
		s.refresh(time.Minute, 0)
		require.Equal(t, 4*time.Second, s.next(0))
	})
	t.Run("patience", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, 30*time.Minute, newSchedule(nil, KindVideo, &callOptions{}).patience())
		require.Equal(t, 30*time.Minute, newSchedule(&Job{ETA: -1}, KindVideo, &callOptions{}).patience())
		require.Equal(t, 2*time.Hour, newSchedule(&Job{ETA: 10 * time.Minute}, KindVideo, &callOptions{}).patience())
		require.Equal(t, 24*time.Hour, newSchedule(nil, KindTraining, &callOptions{}).patience())
		require.Equal(t, 30*time.Minute, newSchedule(&Job{ETA: math.MaxInt64}, KindVideo, &callOptions{}).patience())
	})
	t.Run("an error without advice changes nothing", func(t *testing.T) {
		t.Parallel()
		s := steady(newSchedule(nil, KindVideo, &callOptions{}))
		s.failed(errors.New("reset"))
		require.Equal(t, 5*time.Second, s.next(0))
	})
}

// TestScheduleSimulation runs the schedule against jobs whose time is
// log-normal and whose first ETA is wrong by a factor of up to two either way.
func TestScheduleSimulation(t *testing.T) {
	t.Parallel()
	const jobs, sigma = 20_000, 0.6
	t.Logf("%8s %8s %8s %10s %8s", "mean", "fetches", "most", "delay", "delay %")
	for _, tt := range []struct {
		mean       time.Duration
		maxFetches float64
		maxDelay   time.Duration
		maxShare   float64
	}{
		{5 * time.Second, 8, time.Second, 0.12},
		{45 * time.Second, 8, 3500 * time.Millisecond, 0.078},
		{10 * time.Minute, 9, 39 * time.Second, 0.065},
	} {
		rnd := rand.New(rand.NewPCG(1, 2))
		mu := math.Log(tt.mean.Seconds()) - sigma*sigma/2
		var fetches, most int
		var delay, total time.Duration
		for range jobs {
			took := time.Duration(math.Exp(mu+sigma*rnd.NormFloat64()) * float64(time.Second))
			eta := schedule.Scale(took, math.Exp2(2*rnd.Float64()-1))
			s := newSchedule(&Job{ETA: eta}, KindVideo, &callOptions{})
			s.random = rnd.Float64
			var now time.Duration
			n := 0
			for now < took {
				require.Less(t, now, s.patience(), "gave up on a job of %s with an ETA of %s", took, eta)
				now += s.next(now)
				n++
			}
			fetches, most = fetches+n, max(most, n)
			delay, total = delay+now-took, total+took
		}
		mean := float64(fetches) / jobs
		share := delay.Seconds() / total.Seconds()
		t.Logf("%8s %8.2f %8d %10s %7.1f%%", tt.mean, mean, most, (delay / jobs).Round(time.Millisecond), 100*share)
		require.LessOrEqual(t, mean, tt.maxFetches)
		require.LessOrEqual(t, delay/jobs, tt.maxDelay)
		require.LessOrEqual(t, share, tt.maxShare)
	}
}

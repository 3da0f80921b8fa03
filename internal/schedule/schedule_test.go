package schedule_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/schedule"
)

func TestPause(t *testing.T) {
	t.Parallel()
	const eta = 100 * time.Second
	for _, tt := range []struct {
		name           string
		pace           *schedule.Pace
		eta            time.Duration
		n              int
		before, waited time.Duration
		want           time.Duration
	}{
		{"first at half the ETA", &schedule.Usual, eta, 0, 0, 0, 50 * time.Second},
		{"then small steps", &schedule.Usual, eta, 1, 50 * time.Second, 50 * time.Second, 6 * time.Second},
		{"growing gently before twice the ETA", &schedule.Usual, eta, 2, 10 * time.Second, 60 * time.Second, 11200 * time.Millisecond},
		{"growing faster after it", &schedule.Usual, eta, 9, 10 * time.Second, 200 * time.Second, 15 * time.Second},
		{"never faster than the floor", &schedule.Usual, time.Millisecond, 0, 0, 0, 500 * time.Millisecond},
		{"a small step has a floor", &schedule.Usual, time.Second, 1, time.Second, time.Second, 500 * time.Millisecond},
		{"never slower than the ceiling", &schedule.Usual, eta, 30, 5 * time.Minute, time.Hour, 5 * time.Minute},
		{"a long ETA has a first poll", &schedule.Usual, 20 * time.Hour, 0, 0, 0, 30 * time.Minute},
		{"dense, first", &schedule.Dense, eta, 0, 0, 0, 50 * time.Second},
		{"dense, second", &schedule.Dense, eta, 1, 50 * time.Second, 50 * time.Second, 5 * time.Second},
		{"dense, near", &schedule.Dense, eta, 2, 10 * time.Second, 60 * time.Second, 10300 * time.Millisecond},
		{"dense, far", &schedule.Dense, eta, 9, 10 * time.Second, 200 * time.Second, 11 * time.Second},
		{"dense, at least", &schedule.Dense, time.Second, 1, time.Second, time.Second, 250 * time.Millisecond},
		{"backstop, first", &schedule.Backstop, eta, 0, 0, 0, 200 * time.Second},
		{"backstop, second", &schedule.Backstop, eta, 1, 200 * time.Second, 200 * time.Second, 100 * time.Second},
		{"backstop, later", &schedule.Backstop, eta, 2, 100 * time.Second, 300 * time.Second, 150 * time.Second},
		{"backstop, after a corrected ETA", &schedule.Backstop, eta, 2, 100 * time.Second, 0, 150 * time.Second},
		{"backstop, at most", &schedule.Backstop, eta, 9, 4 * time.Minute, time.Hour, 5 * time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.InDelta(t, tt.want, tt.pace.Pause(tt.eta, tt.n, tt.before, tt.waited), 1)
		})
	}
}

func TestUntilFollowsThePauses(t *testing.T) {
	t.Parallel()
	for _, eta := range []time.Duration{time.Second, 45 * time.Second, 10 * time.Minute} {
		var at, pause time.Duration
		for n := range 30 {
			next := schedule.Usual.Pause(eta, n, pause, at)
			require.Equal(t, next, schedule.Until(eta, at), "poll %d", n)
			require.Equal(t, next/2, schedule.Until(eta, at+next-next/2), "poll %d, late", n)
			at, pause = at+next, next
		}
	}
}

func TestAnAbsurdETAIsNone(t *testing.T) {
	t.Parallel()
	for _, eta := range []time.Duration{-1, 0, schedule.MaxETA + 1, math.MaxInt64} {
		require.Equal(t, schedule.UnknownETA, schedule.Believed(eta))
		require.Equal(t, schedule.Until(schedule.UnknownETA, time.Minute), schedule.Until(eta, time.Minute))
		require.Equal(t, 30*time.Minute, schedule.Patience(eta, false))
		near(t, 5*time.Second, next(schedule.New(eta), 0))
	}
	require.Equal(t, schedule.MaxETA, schedule.Believed(schedule.MaxETA))
}

func TestPatience(t *testing.T) {
	t.Parallel()
	require.Equal(t, 30*time.Minute, schedule.Patience(time.Minute, false))
	require.Equal(t, 2*time.Hour, schedule.Patience(10*time.Minute, false))
	require.Equal(t, 24*time.Hour, schedule.Patience(10*time.Minute, true))
}

func TestLast(t *testing.T) {
	t.Parallel()
	require.Equal(t, 2*time.Second, schedule.Last(time.Minute))
	require.Equal(t, time.Second, schedule.Last(10*time.Second))
}

func next(p schedule.Polls, waited time.Duration) time.Duration { return p.Next(waited) }

// near checks a pause within its jitter.
func near(t *testing.T, want, got time.Duration) {
	t.Helper()
	require.InEpsilon(t, want, got, 0.0501)
}

func TestPlan(t *testing.T) {
	t.Parallel()
	t.Run("a corrected ETA starts it anew", func(t *testing.T) {
		t.Parallel()
		p := schedule.New(20 * time.Second)
		near(t, 10*time.Second, p.Next(0))
		p.Report(100*time.Second, 10*time.Second)
		near(t, 50*time.Second, p.Next(10*time.Second))
		near(t, 6*time.Second, p.Next(60*time.Second))
		near(t, 6720*time.Millisecond, p.Next(200*time.Second)) // twice the ETA, counted from its report, is not reached
	})
	t.Run("an echoed ETA does not", func(t *testing.T) {
		t.Parallel()
		p := schedule.New(20 * time.Second)
		near(t, 10*time.Second, p.Next(0))
		p.Report(20*time.Second, 10*time.Second)
		near(t, 1200*time.Millisecond, p.Next(10*time.Second))
	})
	t.Run("an absurd one neither", func(t *testing.T) {
		t.Parallel()
		p := schedule.New(20 * time.Second)
		near(t, 10*time.Second, p.Next(0))
		p.Report(25*time.Hour, 10*time.Second)
		p.Report(0, 10*time.Second)
		near(t, 1200*time.Millisecond, p.Next(10*time.Second))
	})
	t.Run("what the API asks for comes next, once", func(t *testing.T) {
		t.Parallel()
		p := schedule.New(0)
		near(t, 5*time.Second, p.Next(0))
		p.After(17 * time.Second)
		require.Equal(t, 17*time.Second, p.Next(5*time.Second))
		near(t, 600*time.Millisecond, p.Next(22*time.Second))
		p.After(0)
		near(t, 900*time.Millisecond, p.Next(23*time.Second))
	})
	t.Run("Every replaces it", func(t *testing.T) {
		t.Parallel()
		p := schedule.New(time.Hour)
		p.Every(2*time.Second, 4*time.Second)
		for _, want := range []time.Duration{2 * time.Second, 3 * time.Second, 4 * time.Second, 4 * time.Second} {
			near(t, want, p.Next(0))
			p.Report(time.Minute, 0)
		}
	})
	t.Run("another pace", func(t *testing.T) {
		t.Parallel()
		p := schedule.New(100 * time.Second)
		p.Pace = &schedule.Backstop
		near(t, 200*time.Second, p.Next(0))
		near(t, 100*time.Second, p.Next(200*time.Second))
	})
}

func TestJitterSpreadsByATwentieth(t *testing.T) {
	t.Parallel()
	least, most := time.Hour, time.Duration(0)
	for range 10_000 {
		d := schedule.Jitter(100 * time.Second)
		least, most = min(least, d), max(most, d)
	}
	require.InDelta(t, 95*time.Second, least, float64(100*time.Millisecond))
	require.InDelta(t, 105*time.Second, most, float64(100*time.Millisecond))
}

// TestSimulation polls jobs whose time is log-normal and whose first ETA is
// wrong by a factor of up to two either way.
func TestSimulation(t *testing.T) {
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
			eta := time.Duration(float64(took) * math.Exp2(2*rnd.Float64()-1))
			p := schedule.New(eta)
			var now time.Duration
			n := 0
			for now < took {
				require.Less(t, now, schedule.Patience(eta, false), "gave up on a job of %s with an ETA of %s", took, eta)
				now += p.Next(now)
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

func TestNthFollowsThePauses(t *testing.T) {
	t.Parallel()
	for _, eta := range []time.Duration{time.Second, 45 * time.Second, 10 * time.Minute, 20 * time.Hour} {
		var before time.Duration
		for n := range 40 {
			before = schedule.Backstop.Pause(eta, n, before, 0)
			require.Equal(t, before, schedule.Backstop.Nth(eta, n), "poll %d of %s", n, eta)
		}
		require.Equal(t, before, schedule.Backstop.Nth(eta, 1<<40), "the longest takes no time")
	}
}

package modelslab_test

import (
	"bytes"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/modelslab-go/modelslab/webhook"
)

// simulation is a batch on the virtual clock. Jobs take a log-normal time
// around mean; the ETA that they are announced with is wrong by a factor of up
// to two either way.
type simulation struct {
	jobs     int
	limit    int
	mean     time.Duration
	webhooks bool
	lost     float64 // share of the webhooks
}

type simulated struct {
	use     float64 // of the slots: running time over limit and makespan
	fetches float64 // a job
	stats   modelslabtest.Stats
}

func (s simulation) run(t testing.TB, check func(i int, o modelslab.Outcome)) simulated {
	t.Helper()
	srv := modelslabtest.NewServer(modelslabtest.WithStrict(),
		modelslabtest.WithQueueLimit(s.limit), modelslabtest.WithLatencyFunc(s.latency),
		modelslabtest.WithRetention(30*time.Minute),
	)
	defer srv.Close()
	srv.Script(func(r *modelslabtest.Request) *modelslabtest.Fault {
		if r.Call != modelslabtest.Submit {
			return nil
		}
		rnd := s.random(r, 2)
		return &modelslabtest.Fault{ETAFactor: math.Exp2(2*rnd.Float64() - 1), Lost: rnd.Float64() < s.lost}
	})
	opts := []modelslab.Option{modelslab.WithQueueLimit(s.limit)}
	if s.webhooks {
		opts = append(opts, modelslab.WithWebhook("https://shop.example/webhook", secret))
	}
	client := srv.Client(opts...)
	if s.webhooks {
		h, err := webhook.NewHandler(webhook.WithSecrets(secret), webhook.WithClient(client))
		require.NoError(t, err)
		defer func() { require.NoError(t, h.Shutdown(t.Context())) }()
		srv.DeliverTo(h)
	}
	start := time.Now()
	for i, o := range client.RunAll(t.Context(), prompts(s.jobs)) {
		check(i, o)
	}
	makespan := time.Since(start)
	stats := srv.Stats()
	return simulated{
		use:     stats.Busy.Seconds() / (float64(s.limit) * makespan.Seconds()),
		fetches: float64(stats.Fetches) / float64(s.jobs), stats: stats,
	}
}

var secret = bytes.Repeat([]byte{7}, 32)

func (s simulation) latency(r *modelslabtest.Request) time.Duration {
	const sigma = 0.6
	mu := math.Log(s.mean.Seconds()) - sigma*sigma/2
	return time.Duration(math.Exp(mu+sigma*s.random(r, 1).NormFloat64()) * float64(time.Second))
}

// random depends on the job alone, so that each simulation has the same jobs.
func (s simulation) random(r *modelslabtest.Request, purpose uint64) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(r.TrackID))
	return rand.New(rand.NewPCG(h.Sum64(), purpose))
}

func TestSlotUse(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name       string
		simulation simulation
		use        float64 // few jobs use less, because the last ones leave slots idle
		fetches    float64
	}{
		{"ten thousand jobs with webhooks", simulation{jobs: 10_000, limit: 15, mean: 45 * time.Second, webhooks: true}, 0.97, 0.15},
		{"polling", simulation{jobs: 1_000, limit: 15, mean: 45 * time.Second}, 0.92, 16},
		{"half of the webhooks lost", simulation{jobs: 400, limit: 15, mean: 45 * time.Second, webhooks: true, lost: 0.5}, 0.88, 16},
		{"polling quick jobs", simulation{jobs: 300, limit: 15, mean: 5 * time.Second}, 0.85, 16},
		{"polling slow jobs", simulation{jobs: 300, limit: 15, mean: 10 * time.Minute}, 0.85, 16},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				seen := make([]bool, tt.simulation.jobs)
				got := tt.simulation.run(t, func(i int, o modelslab.Outcome) {
					require.NoError(t, o.Err)
					require.False(t, seen[i])
					seen[i] = true
				})
				t.Logf("slot use %.1f %%, %.2f fetches a job", 100*got.use, got.fetches)
				require.NotContains(t, seen, false)
				require.Equal(t, tt.simulation.jobs, got.stats.Submits)
				require.Zero(t, got.stats.Refused)
				require.Zero(t, got.stats.Repeats)
				require.Equal(t, 15, got.stats.MaxOpen)
				require.GreaterOrEqual(t, got.use, tt.use)
				require.LessOrEqual(t, got.fetches, tt.fetches)
			})
		})
	}
}

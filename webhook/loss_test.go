package webhook_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/modelslab-go/modelslab/webhook"
)

// One webhook in ten is lost. Jobs take log-normal times around the mean, and
// the server's first ETA is wrong by a factor of up to two; the answers to
// fetches carry none.
func TestLostWebhooksCostFewFetches(t *testing.T) {
	t.Parallel()
	const jobs = 1000
	for _, mean := range []time.Duration{5 * time.Second, 45 * time.Second, 10 * time.Minute} {
		hows := map[string][]webhook.Option{"Wait": nil, "Watch": nil}
		if mean == 45*time.Second {
			hows["Wait and WithWatch"] = []webhook.Option{webhook.WithWatch(24*time.Hour, nil)}
			hows["WithWatch and a store"] = []webhook.Option{webhook.WithWatch(24*time.Hour, webhook.NewMemoryWatch())}
		}
		for how, opts := range hows {
			t.Run(fmt.Sprintf("%s %s", how, mean), func(t *testing.T) {
				t.Parallel()
				inBubble(t, func(t *testing.T, s *service) {
					r := rand.New(rand.NewPCG(1, 2))
					lost := 0
					s.Script(func(req *modelslabtest.Request) *modelslabtest.Fault {
						if req.Call != modelslabtest.Submit {
							return nil
						}
						f := &modelslabtest.Fault{
							Took:      time.Duration(float64(mean) * math.Exp(0.6*r.NormFloat64()-0.18)),
							ETAFactor: math.Exp2(2*r.Float64() - 1),
							Lost:      r.IntN(10) == 0,
						}
						if f.Lost {
							lost++
						}
						return f
					})
					var waits sync.WaitGroup
					for i := range jobs {
						waits.Go(func() {
							sleepFor(time.Duration(i) * time.Second)
							job := s.submit(t, fmt.Sprint("job", i))
							switch how {
							case "Watch":
								require.NoError(t, s.handler.Watch(job, time.Now().Add(24*time.Hour)))
							case "Wait", "Wait and WithWatch":
								_, err := s.client.Wait(t.Context(), job)
								require.NoError(t, err)
							}
						})
					}
					waits.Wait()
					sleepFor(12 * time.Hour)
					require.Len(t, s.seen.all(), jobs, "none is given up")
					require.Zero(t, s.handler.Stats().Watched)
					fetches := float64(s.Stats().Fetches) / jobs
					t.Logf("%-21s | jobs of %-5s | %4.1f %% lost | %.3f fetches a job | %d confirmed",
						how, mean, float64(lost)*100/jobs, fetches, s.handler.Stats().Confirmed)
					require.LessOrEqual(t, fetches, 0.15)
				}, opts...)
			})
		}
	}
}

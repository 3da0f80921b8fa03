package modelslabtest

import (
	"net/http"
	"time"
)

func done(message string) answer {
	return reply(http.StatusOK, struct {
		Status  string `json:"status"`
		Message string `json:"message"`
	}{"success", message})
}

func requestNotFound() answer {
	return reply(http.StatusOK, jobReply{
		Status: "failed", ID: jsonID(""), Message: "Request not found", Output: "", Tip: tip,
	})
}

// special are the routes of which the endpoint table does not say enough.
func (t *routes) special() {
	for _, p := range []string{"/v3/fine_tune", "/v3/lora_fine_tune"} {
		t.add(p, &route{call: Submit, kind: "training", method: http.MethodPost, serve: (*Server).submitTraining})
	}
	const runs = "/v1/workflows/{workflow_id}/runs/{execution_id}"
	for path, r := range map[string]route{
		"/v3/fine_tune_status/{training_id}": {call: Fetch, kind: "training", method: http.MethodPost, serve: (*Server).trainingStatus},
		"/v3/cancel_training/{training_id}":  {call: Helper, method: http.MethodPost, serve: (*Server).cancelTraining},
		"/v3/finetune/delete/{training_id}":  {call: Helper, method: http.MethodPost, serve: (*Server).deleteTraining},
		"/v3/finetune_list":                  {call: Helper, method: http.MethodPost, serve: (*Server).listTrainings},
		"/v1/workflows":                      {call: Helper, method: http.MethodGet, serve: (*Server).listWorkflows},
		"/v1/workflows/{workflow_id}":        {call: Helper, method: http.MethodGet, serve: (*Server).workflowSchema},
		"/v1/workflows/{workflow_id}/run":    {call: Submit, kind: "workflow", method: http.MethodPost, serve: (*Server).submitRun},
		runs:                                 {call: Fetch, kind: "workflow", method: http.MethodGet, serve: (*Server).fetchRun},
		runs + "/cancel":                     {call: Helper, method: http.MethodPost, serve: (*Server).cancelRun},
	} {
		t.add(path, &r)
	}
}

// throttle counts a call against a limit per minute and returns how long a
// refused caller has to wait.
func (l *ledger) throttle(name string, limit int) time.Duration {
	now := time.Now()
	if l.calls == nil {
		l.calls = map[string][]time.Time{}
	}
	calls := l.calls[name]
	for len(calls) > 0 && now.Sub(calls[0]) >= time.Minute {
		calls = calls[1:]
	}
	if len(calls) >= limit {
		l.calls[name] = calls
		l.stats.Refused++
		return calls[0].Add(time.Minute).Sub(now)
	}
	l.calls[name] = append(calls, now)
	return 0
}

package modelslabtest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
)

// stages are the states of a training, in order.
var stages = []string{
	"deploying_gpu", "training_started", "training_success", "trained_model_compressing",
	"trained_model_uploading", "trained_model_uploaded", "deploying_model", "model_ready",
}

// trainingReply has the members of three bodies, which name the same things
// differently: the answers to a submit and to a status call, and the webhook.
type trainingReply struct {
	Status         string `json:"status"`
	Messege        string `json:"messege,omitzero"`
	Data           string `json:"data,omitzero"`
	TrainingID     string `json:"training_id,omitzero"`
	TrainingStatus string `json:"training_status,omitzero"`
	Logs           string `json:"logs,omitzero"`
	ModelID        string `json:"model_id,omitzero"`
	Code           int    `json:"code,omitzero"`
}

// submitTraining queues a training.
func (s *Server) submitTraining(x *incoming) response {
	j := &serverJob{kind: "training", op: "training", origin: x.origin, fault: x.fault, webhook: x.str("webhook")}
	j.trackID = json.RawMessage("null")
	return s.enqueue(x, j, func(j *serverJob) response {
		return reply(http.StatusOK, trainingReply{
			Status: "success", Messege: stages[0], Data: "it will take upto 30 minutes.", TrainingID: j.id,
		})
	})
}

// newTrainingID is a name such as the API gives to a trained model.
func (s *Server) newTrainingID() string {
	s.jobs.lastID++
	return "F" + strconv.FormatUint(s.jobs.lastID*0x9e3779b97f4a7c15>>16, 36)
}

// train plans the next stage of a training.
func (s *Server) train(j *serverJob) {
	if j.stage == 0 {
		s.stageReached(j)
	}
	s.after(j.latency, func() {
		if j.state.ended() {
			return
		}
		j.stage++
		if j.stage == len(stages)-1 || j.fault.Fail != "" {
			s.finish(j)
			return
		}
		s.stageReached(j)
		s.train(j)
	})
}

// stageReached reports a stage that is not the last.
func (s *Server) stageReached(j *serverJob) {
	if j.webhook == "" || j.fault.Lost || j.fault.Reordered {
		return
	}
	for range 1 + j.fault.Duplicates {
		s.send(outgoing{job: j, url: j.webhook, body: j.stageWebhook(j.stage), delay: j.fault.Late, tries: 1})
	}
}

func (j *serverJob) stageWebhook(stage int) []byte {
	r := trainingReply{Status: "success", TrainingStatus: stages[stage], Logs: stageLog(stage), ModelID: j.id}
	if j.state == failed {
		r.Status, r.TrainingStatus, r.Logs = "error", stages[j.stage], j.fault.Fail
	}
	return reply(0, r).body
}

func stageLog(stage int) string {
	if stage == len(stages)-1 {
		return "your model is ready"
	}
	return "it will take upto " + strconv.Itoa(5*(len(stages)-stage)) + " minutes"
}

// trainingStatus answers the stage of a training.
func (s *Server) trainingStatus(x *incoming) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records.stats.Fetches++
	j := s.training(x)
	if j == nil {
		return noTraining()
	}
	switch j.state {
	case failed:
		return reply(http.StatusOK, trainingReply{Status: "error", Messege: j.fault.Fail, TrainingID: j.id})
	case cancelled:
		return reply(http.StatusOK, trainingReply{Status: "error", Messege: "Training cancelled", TrainingID: j.id})
	case queued, running, succeeded:
	}
	return reply(http.StatusOK, trainingReply{Status: "success", Messege: stages[j.stage], Data: stageLog(j.stage) + "/n"})
}

func noTraining() response {
	return reply(http.StatusNotFound, trainingReply{
		Status: "error", Messege: "Training ID does not exist", Code: http.StatusNotFound,
	})
}

func (s *Server) training(x *incoming) *serverJob {
	if j := s.jobs.byID[x.args[0]]; j != nil && j.kind == "training" {
		return j
	}
	return nil
}

func (s *Server) cancelTraining(x *incoming) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.training(x)
	switch {
	case j == nil:
		return noTraining()
	case !s.cancel(j):
		return failure(http.StatusOK, "Training is not running")
	}
	return reply(http.StatusOK, trainingReply{Status: "success", Messege: "Training cancelled"})
}

func (s *Server) deleteTraining(x *incoming) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.training(x)
	if j == nil {
		return noTraining()
	}
	s.cancel(j)
	delete(s.jobs.byID, j.id)
	return reply(http.StatusOK, trainingReply{Status: "success", Messege: "Model deleted"})
}

func (s *Server) listTrainings(*incoming) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []string{}
	for _, j := range s.jobs.byID {
		if j.kind == "training" {
			list = append(list, j.id)
		}
	}
	slices.Sort(list)
	return reply(http.StatusOK, struct {
		Status  string   `json:"status"`
		Messege string   `json:"messege"`
		Data    []string `json:"data"`
	}{"success", "model list", list})
}

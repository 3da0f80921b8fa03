package modelslabtest_test

import (
	"net/http"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
)

// helpers test the methods that submit no job.
var helpers = map[string]func(account){
	"Account.Balance": func(a account) {
		got, err := a.Account.Balance(a.ctx())
		require.NoError(a.t, err)
		require.Equal(a.t, &modelslab.Balance{Amount: 43.6, Currency: "USD"}, got)
	},
	"Account.RequestCount": func(a account) {
		a.video()
		got, err := a.Account.RequestCount(a.ctx())
		require.NoError(a.t, err)
		require.Equal(a.t, 1, got)
	},
	"Account.SubscribedProducts": func(a account) {
		got, err := a.Account.SubscribedProducts(a.ctx())
		require.NoError(a.t, err)
		require.Len(a.t, got, 2)
		got[0].Raw = nil
		require.Equal(a.t, modelslab.SubscribedProduct{
			Name: "imagen", TotalCalls: 3250, RemainingCalls: 2600, PercentageUsed: 20,
		}, got[0])
	},
	"Assets.List": func(a account) {
		job := a.finish(a.video())
		page, err := a.Assets.List(a.ctx(), &modelslab.AssetsGeneratedRequest{Type: "video"})
		require.NoError(a.t, err)
		require.Equal(a.t, []int{1, 1, 1}, []int{page.Page, page.LastPage, page.Total})
		require.Equal(a.t, job.Ref.ID, page.Assets[0].ID)
		require.Equal(a.t, job.Output, page.Assets[0].Output)
	},
	"Assets.All": func(a account) {
		want := []string{a.finish(a.video()).Ref.ID, a.finish(a.video()).Ref.ID}
		var got []string
		for asset, err := range a.Assets.All(a.ctx(), &modelslab.AssetsGeneratedRequest{Type: "video", PerPage: new(1)}) {
			require.NoError(a.t, err)
			got = append(got, asset.ID)
		}
		require.ElementsMatch(a.t, want, got)
	},
	"Assets.Delete": func(a account) {
		job := a.finish(a.video())
		require.NoError(a.t, a.Assets.Delete(a.ctx(), &modelslab.DeleteImageRequest{RequestID: job.Ref.ID, Type: "video"}))
		_, err := a.Fetch(a.ctx(), job.Ref)
		require.ErrorIs(a.t, err, modelslab.ErrNotFound)
	},
	"Account.ClearCache":       func(a account) { require.NoError(a.t, a.Account.ClearCache(a.ctx())) },
	"Account.RestartServer":    func(a account) { require.NoError(a.t, a.Account.RestartServer(a.ctx(), "flux")) },
	"Account.UpdateServer":     func(a account) { require.NoError(a.t, a.Account.UpdateServer(a.ctx(), "flux")) },
	"Account.ClearServerCache": func(a account) { require.NoError(a.t, a.Account.ClearServerCache(a.ctx(), "flux")) },
	"Account.ClearServerQueue": func(a account) { require.NoError(a.t, a.Account.ClearServerQueue(a.ctx(), "root")) },
	"Account.SystemDetails": func(a account) {
		a.video()
		got, err := a.Account.SystemDetails(a.ctx(), "flux")
		require.NoError(a.t, err)
		require.Equal(a.t, "ok", got.Status)
		require.Positive(a.t, got.ModelCount)
		require.Positive(a.t, got.QueueTime)
	},
	"Account.Base64ToURL": func(a account) {
		url, err := a.Account.Base64ToURL(a.ctx(), modelslab.KindVoice, modelslab.MediaBytes([]byte("a sound")))
		require.NoError(a.t, err)
		a.holds(url, "a sound")
	},
	"Account.Base64Crop": func(a account) {
		got, err := a.Account.Base64Crop(a.ctx(), &modelslab.Base64CropRequest{Image: modelslab.MediaBytes([]byte("a picture"))})
		require.NoError(a.t, err)
		require.NotEmpty(a.t, got.RequestID)
		a.holds(got.URL, "a picture")
	},
	"Models.List": func(a account) {
		got, err := a.Models.List(a.ctx())
		require.NoError(a.t, err)
		got[0].Raw = nil
		require.Equal(a.t, modelslab.Model{
			ID: "flux", Name: "Flux", Status: "model_ready", Description: "Text to image",
			Screenshots: []string{"https://example.com/flux.png"}, CreatedAt: time.Date(2024, 8, 5, 0, 0, 0, 0, time.UTC),
		}, got[0])
	},
	"Models.Search": func(a account) {
		got, err := a.Models.Search(a.ctx(), &modelslab.SearchModelsRequest{Search: "text", Feature: "videofusion"})
		require.NoError(a.t, err)
		require.Len(a.t, got, 2)
		require.Equal(a.t, "CogVideoX", got[0].Name)
	},
	"Models.Get": func(a account) {
		got, err := a.Models.Get(a.ctx(), "cogvideox")
		require.NoError(a.t, err)
		require.Equal(a.t, "CogVideoX", got.Name)
		_, err = a.Models.Get(a.ctx(), "nobody's")
		require.ErrorIs(a.t, err, modelslab.ErrNotFound)
	},
	"Models.Filters": func(a account) {
		got, err := a.Models.Filters(a.ctx())
		require.NoError(a.t, err)
		require.Equal(a.t, []string{"imagen", "videofusion"}, got["features"])
	},
	"Models.Tags": func(a account) {
		got, err := a.Models.Tags(a.ctx())
		require.NoError(a.t, err)
		require.Equal(a.t, []string{"art", "film", "photo"}, got)
	},
	"Models.Providers": func(a account) {
		got, err := a.Models.Providers(a.ctx())
		require.NoError(a.t, err)
		require.Equal(a.t, "alibaba", got[0].Name)
	},
	"Account.LoadServerModel": func(a account) {
		require.NoError(a.t, a.Account.LoadServerModel(a.ctx(), &modelslab.LoadServerModelRequest{URL: "owner/m", ModelID: "m", ModelType: "huggingface"}))
	},
	"Account.LoadServerModelV2": func(a account) {
		require.NoError(a.t, a.Account.LoadServerModelV2(a.ctx(), &modelslab.LoadServerModelV2Request{
			URL: "owner/m", ModelID: "m", ModelCategory: "stable_diffusion", ModelFormat: "diffusers",
		}))
	},
	"Account.LoadServerVAE": func(a account) {
		require.NoError(a.t, a.Account.LoadServerVAE(a.ctx(), &modelslab.LoadServerVAERequest{VAEID: "v", VAEURL: "owner/v", VAEType: "pt"}))
	},
	"Account.VerifyServerModel": func(a account) {
		got, err := a.Account.VerifyServerModel(a.ctx(), "flux")
		require.NoError(a.t, err)
		require.Equal(a.t, modelslab.StatusSuccess, got)
	},
	"Account.DeleteServerModel": func(a account) { require.NoError(a.t, a.Account.DeleteServerModel(a.ctx(), "flux")) },
	"Account.ServerModels": func(a account) {
		got, err := a.Account.ServerModels(a.ctx())
		require.NoError(a.t, err)
		got[0].Raw = nil
		require.Equal(a.t, modelslab.ServerModel{ID: "flux", Loaded: "loaded"}, got[0])
	},
	"Account.SyncServerModels": func(a account) {
		got, err := a.Account.SyncServerModels(a.ctx(), "the key of another server")
		require.NoError(a.t, err)
		require.Contains(a.t, got, "flux")
	},
	"Account.ServerSchedulers": func(a account) {
		got, err := a.Account.ServerSchedulers(a.ctx())
		require.NoError(a.t, err)
		require.Contains(a.t, got, "DDIMScheduler")
	},
	"Account.UploadServerImage": func(a account) {
		url, err := a.Account.UploadServerImage(a.ctx(), &modelslab.UploadServerImageRequest{
			Base64Image: modelslab.MediaBytes([]byte("a picture")), ImageType: "png",
		})
		require.NoError(a.t, err)
		a.holds(url, "a picture")
	},
	"Account.UpdateServerS3": func(a account) {
		require.NoError(a.t, a.Account.UpdateServerS3(a.ctx(), &modelslab.UpdateServerS3Request{
			PublicURL: "https://cdn.example.com", RegionName: "us-east-1", EndpointURL: "https://s3.example.com",
			AWSAccessKeyID: "id", AWSSecretAccessKey: "secret", ImageDirectory: "generations",
		}))
	},
	"Account.ResetServerS3": func(a account) { require.NoError(a.t, a.Account.ResetServerS3(a.ctx(), "flux")) },
	"Models.Load": func(a account) {
		require.NoError(a.t, a.Models.Load(a.ctx(), &modelslab.LoadModelRequest{
			URL: "https://example.com/m", ModelID: "m", ModelFormat: "diffusers", ModelCategory: "flux", ModelVisibility: "private", ModelName: "M",
		}))
	},
	"Account.NSFWImageCheck": func(a account) {
		got, err := a.Account.NSFWImageCheck(a.ctx(), &modelslab.NSFWImageCheckRequest{InitImage: modelslab.MediaURL("https://example.com/nsfw.png")})
		require.NoError(a.t, err)
		require.True(a.t, got)
		got, err = a.Account.NSFWImageCheck(a.ctx(), &modelslab.NSFWImageCheckRequest{InitImage: modelslab.MediaURL("https://example.com/a.png")})
		require.NoError(a.t, err)
		require.False(a.t, got)
	},
	"Account.CheckNSFWPrompt": func(a account) {
		got, err := a.Account.CheckNSFWPrompt(a.ctx(), "a nsfw ship")
		require.NoError(a.t, err)
		require.True(a.t, got.NSFW)
		require.Equal(a.t, "a ship", got.Filtered)
		got, err = a.Account.CheckNSFWPrompt(a.ctx(), "a ship")
		require.NoError(a.t, err)
		require.False(a.t, got.NSFW)
		require.Equal(a.t, "a ship", got.Filtered)
	},
	"Audio.VoiceUpload": func(a account) {
		id, err := a.Audio.VoiceUpload(a.ctx(), &modelslab.VoiceUploadRequest{
			Name: "mine", InitAudio: modelslab.MediaURL("https://example.com/a.wav"), Language: "english",
		})
		require.NoError(a.t, err)
		require.Equal(a.t, "voice_1", id)
	},
	"Audio.VoiceList": func(a account) {
		got, err := a.Audio.VoiceList(a.ctx(), &modelslab.VoiceListRequest{})
		require.NoError(a.t, err)
		got[0].Raw = nil
		require.Equal(a.t, modelslab.Voice{ID: "madison", Name: "Madison", Language: "american english"}, got[0])
	},
	"Image.ModelReload": func(a account) {
		got, err := a.Image.ModelReload(a.ctx(), "flux")
		require.NoError(a.t, err)
		require.Equal(a.t, modelslab.StatusSuccess, got)
	},
	"Training.Status": func(a account) {
		job := a.training()
		<-time.After(90 * time.Second)
		got, err := a.Training.Status(a.ctx(), job.Ref.ID)
		require.NoError(a.t, err)
		require.Equal(a.t, modelslab.TrainingStage("training_started"), got.Stage)
		require.Equal(a.t, modelslab.StatusProcessing, got.Status)
		_, err = a.Training.Status(a.ctx(), "nobody's")
		require.ErrorIs(a.t, err, modelslab.ErrNotFound)
	},
	"Training.Cancel": func(a account) {
		job := a.training()
		require.NoError(a.t, a.Training.Cancel(a.ctx(), job.Ref.ID))
		got, err := a.Training.Status(a.ctx(), job.Ref.ID)
		require.NoError(a.t, err)
		require.True(a.t, got.Status.Terminal())
		require.ErrorIs(a.t, a.Training.Cancel(a.ctx(), "nobody's"), modelslab.ErrNotFound)
	},
	"Training.Delete": func(a account) {
		job := a.finish(a.training())
		require.NoError(a.t, a.Training.Delete(a.ctx(), job.Ref.ID))
		require.ErrorIs(a.t, a.Training.Delete(a.ctx(), job.Ref.ID), modelslab.ErrNotFound)
	},
	"Training.List": func(a account) {
		job := a.training()
		got, err := a.Training.List(a.ctx())
		require.NoError(a.t, err)
		require.Len(a.t, got, 1)
		require.Equal(a.t, job.Ref.ID, got[0].ID)
	},
	"Workflows.List": func(a account) {
		got, err := a.Workflows.List(a.ctx())
		require.NoError(a.t, err)
		require.Equal(a.t, "Poster", got[0].Name)
		require.Equal(a.t, 10, got[0].RateLimit)
	},
	"Workflows.Schema": func(a account) {
		got, err := a.Workflows.Schema(a.ctx(), "w1")
		require.NoError(a.t, err)
		require.Equal(a.t, "w1", got.Workflow.ID)
		require.Equal(a.t, []modelslab.WorkflowParameter{
			{Key: "title", Type: "string", Required: true, NodeID: "1", NodeName: "Input"},
		}, got.Parameters)
	},
	"Workflows.Run": func(a account) { a.finish(a.run()) },
	"Workflows.RunStatus": func(a account) {
		job := a.run()
		got, err := a.Workflows.RunStatus(a.ctx(), "w1", job.ID)
		require.NoError(a.t, err)
		require.Equal(a.t, modelslab.StatusProcessing, got.Job.Status)
		require.True(a.t, got.CompletedAt.IsZero())
		<-time.After(time.Minute + time.Second)
		got, err = a.Workflows.RunStatus(a.ctx(), "w1", job.ID)
		require.NoError(a.t, err)
		require.Equal(a.t, modelslab.StatusSuccess, got.Job.Status)
		require.Equal(a.t, time.Minute, got.CompletedAt.Sub(got.StartedAt))
		require.Equal(a.t, []modelslab.WorkflowStep{
			{Name: "Generate", Status: modelslab.StatusSuccess, StartedAt: got.StartedAt, CompletedAt: got.CompletedAt},
		}, got.Steps)
	},
	"Workflows.Cancel": func(a account) {
		job := a.run()
		require.NoError(a.t, a.Workflows.Cancel(a.ctx(), "w1", job.ID))
		got, err := a.Workflows.RunStatus(a.ctx(), "w1", job.ID)
		require.NoError(a.t, err)
		require.Equal(a.t, modelslab.StatusCancelled, got.Job.Status)
		require.ErrorIs(a.t, a.Workflows.Cancel(a.ctx(), "w1", job.ID), modelslab.ErrInvalid)
	},
}

func (a account) video() *modelslab.Job {
	a.t.Helper()
	job, err := a.Video.TextToVideo(a.ctx(), &modelslab.TextToVideoRequest{ModelID: "cogvideox", Prompt: "a ship"})
	require.NoError(a.t, err)
	return job
}

func (a account) training() *modelslab.Job {
	a.t.Helper()
	job, err := a.Training.LoraFineTune(a.ctx(), &modelslab.LoraFineTuneRequest{
		InstancePrompt: "photo of ambika0 man", ClassPrompt: "photo of a man", TrainingType: "men", MaxTrainSteps: 18,
		Images: []modelslab.Media{modelslab.MediaURL("https://example.com/a.png")},
	})
	require.NoError(a.t, err)
	return job
}

func (a account) run() *modelslab.Job {
	a.t.Helper()
	job, err := a.Workflows.Run(a.ctx(), &modelslab.WorkflowRunRequest{WorkflowID: "w1", Parameters: map[string]string{"title": "t"}})
	require.NoError(a.t, err)
	return job
}

// holds requires a file with that content at a URL.
func (a account) holds(url, content string) {
	a.t.Helper()
	status, got := inProcess(a.t, a.srv).do(http.MethodGet, url, "")
	require.Equal(a.t, 200, status)
	require.Equal(a.t, content, got)
}

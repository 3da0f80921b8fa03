package modelslab_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
)

// What one call does, another one sees: the helpers on a server with a memory.
func TestHelpersTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := modelslabtest.NewServer(modelslabtest.WithStrict())
		defer server.Close()
		client, ctx := server.Client(), t.Context()

		job, err := client.Video.TextToVideo(ctx, &modelslab.TextToVideoRequest{ModelID: "cogvideox", Prompt: "a ship"})
		require.NoError(t, err)
		open, err := client.Account.RequestCount(ctx)
		require.NoError(t, err)
		require.Equal(t, 1, open)
		_, err = client.Wait(ctx, job)
		require.NoError(t, err)
		page, err := client.Assets.List(ctx, &modelslab.AssetsGeneratedRequest{Type: "video"})
		require.NoError(t, err)
		require.Len(t, page.Assets, 1)
		require.Equal(t, job.Ref.ID, page.Assets[0].ID)
		require.NoError(t, client.Assets.Delete(ctx, &modelslab.DeleteImageRequest{RequestID: job.Ref.ID, Type: "video"}))

		local := modelslab.MediaBytes([]byte("sound"))
		voice, err := client.Audio.VoiceUpload(ctx, &modelslab.VoiceUploadRequest{Name: "mine", InitAudio: local, Language: "english"})
		require.NoError(t, err)
		voices, err := client.Audio.VoiceList(ctx, &modelslab.VoiceListRequest{})
		require.NoError(t, err)
		require.Equal(t, voice, voices[0].ID)

		url, err := client.Account.Base64ToURL(ctx, modelslab.KindVoice, local)
		require.NoError(t, err)
		job, err = client.Run(ctx, &modelslab.WorkflowRunRequest{WorkflowID: "w", Parameters: map[string]string{"sound": url}})
		require.NoError(t, err)
		run, err := client.Workflows.RunStatus(ctx, "w", job.ID)
		require.NoError(t, err)
		require.Equal(t, modelslab.StatusSuccess, run.Job.Status)
		require.True(t, run.CompletedAt.After(run.StartedAt))
		require.ErrorIs(t, client.Workflows.Cancel(ctx, "w", job.ID), modelslab.ErrInvalid)

		job, err = client.Training.LoraFineTune(ctx, &modelslab.LoraFineTuneRequest{
			InstancePrompt: "photo of ambika0 man", ClassPrompt: "photo of a man", TrainingType: "men", MaxTrainSteps: 18,
			Images: []modelslab.Media{modelslab.MediaURL("https://example.com/a.png")},
		})
		require.NoError(t, err)
		job, err = client.Wait(ctx, job)
		require.NoError(t, err)
		require.True(t, job.Stage.Terminal())
		trained, err := client.Training.List(ctx)
		require.NoError(t, err)
		require.Equal(t, job.Ref.ID, trained[0].ID)
		require.NoError(t, client.Training.Delete(ctx, job.Ref.ID))
		trained, err = client.Training.List(ctx)
		require.NoError(t, err)
		require.Empty(t, trained)
	})
}

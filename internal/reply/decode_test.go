package reply_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/reply"
)

// webhookSuccess has the shape of the success payload on the Webhooks page.
const webhookSuccess = `{
  "status": "success",
  "id": "abc123-def456",
  "output": [
    "https://pub-0123456789abcdef0123456789abcdef.example.com/generations/abc123.mp4"
  ],
  "generationTime": 45.2,
  "track_id": "video_001",
  "meta": {
    "prompt": "A spaceship flying through an asteroid field",
    "model_id": "cogvideox",
    "width": 512,
    "height": 512
  }
}`

type decodeTest struct {
	name string
	body string
	want reply.JobState // without Raw
}

// decode is reply.Decode for who does not look at the verdict.
func decode(body string, s *reply.JobState) error {
	return reply.Decode([]byte(body), s, new(reply.Verdict))
}

func checkDecode(t *testing.T, tests []decodeTest) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got reply.JobState
			require.NoError(t, decode(tt.body, &got))
			require.Equal(t, tt.body, string(got.Raw))
			got.Raw = nil
			require.Equal(t, tt.want, got)
		})
	}
}

func TestDecodeSubmitReplies(t *testing.T) {
	t.Parallel()
	checkDecode(t, []decodeTest{
		{"processing, the fetch URL's id wins", `{"status":"processing","tip":"soon","tip_1":"x","eta":20.9379869184,"messege":"Try later","webhook_status":"","fetch_result":"https:\/\/api.example.com\/api\/v6\/images\/fetch\/134701497","id":134711525,"output":"","meta":{"W":"512","seed":4029484891,"track_id":"3422","temp":"no"},"future_links":["https://cdn.example.com/0.png"]}`, reply.JobState{
			Kind: "images", Key: "134701497", ID: "134711525", Status: reply.Processing, TrackID: "3422",
			FutureLinks: []string{"https://cdn.example.com/0.png"}, ETA: 20937986918, Message: "Try later",
			Meta: []byte(`{"W":"512","seed":4029484891,"track_id":"3422","temp":"no"}`),
		}},
		{"processing without an id", `{"status":"processing","eta":10,"fetch_result":"https://api.example.com/api/v7/video-fusion/fetch/155262350","future_links":["https://cdn.example.com/a.mp4"]}`, reply.JobState{
			Kind: "v7/video-fusion", Key: "155262350", Status: reply.Processing, ETA: 10 * time.Second, FutureLinks: []string{"https://cdn.example.com/a.mp4"},
		}},
		{"success at once", `{"status":"success","generationTime":1,"id":7,"output":["https://cdn.example.com/0.png"],"proxy_links":[],"nsfw_content_detected":true,"webhook_status":"","tip":"t","warning":""}`, reply.JobState{
			Key: "7", ID: "7", Status: reply.Success, Output: []string{"https://cdn.example.com/0.png"}, NSFW: true, Took: time.Second,
		}},
		{"success without id", `{"status":"success","id":null,"output":"https://cdn.example.com/x.png","proxy_links":{"0":"https://proxy.example.com/x.png"},"generationTime":3}`, reply.JobState{
			Status: reply.Success, Output: []string{"https://cdn.example.com/x.png"}, ProxyLinks: []string{"https://proxy.example.com/x.png"}, Took: 3 * time.Second,
		}},
		{"success with eta and whisper", `{"status":"success","eta":"12","id":"9","output":["https://cdn.example.com/t.txt"],"fetch_result":"https://api.example.com/api/v6/whisper/fetch/9"}`, reply.JobState{
			Kind: "whisper", Key: "9", ID: "9", Status: reply.Success, Output: []string{"https://cdn.example.com/t.txt"}, ETA: 12 * time.Second,
		}},
		{"voice: links, no status", `{"generationTime":1.57,"id":10,"links":["https://cdn.example.com/a.wav"],"proxy_links":["https://proxy.example.com/a.wav"],"audio_time":231.6,"meta":{"id":null,"seed":3012382833}}`, reply.JobState{
			Key: "10", ID: "10", Status: reply.Success, Output: []string{"https://cdn.example.com/a.wav"},
			ProxyLinks: []string{"https://proxy.example.com/a.wav"}, Took: 1570 * time.Millisecond, Meta: []byte(`{"id":null,"seed":3012382833}`),
		}},
		{"voice: links while queued", `{"status":"queued","eta":5,"fileId":"f","links":["https://cdn.example.com/a.wav"],"message":"Request has been queued","meta":{},"proxy_links":[],"seconds":null,"taskId":"11e-22"}`, reply.JobState{
			Key: "11e-22", ID: "11e-22", Status: reply.Processing, ETA: 5 * time.Second, Message: "Request has been queued", Meta: []byte(`{}`),
		}},
		{"3d and dubbing extras", `{"status":"processing","id":271,"fetch_result":"https:\/\/api.example.com\/api\/v6\/voice\/fetch\/334166","output":[],"extra_assets":[],"audio_time":null,"proxy_links":["https://proxy.example.com/a.wav"]}`, reply.JobState{
			Kind: "voice", Key: "334166", ID: "271", Status: reply.Processing, ProxyLinks: []string{"https://proxy.example.com/a.wav"},
		}},
		{"id and nothing else", `{"id":12}`, reply.JobState{Key: "12", ID: "12"}},
		{"nothing", `{}`, reply.JobState{}},
	})
}

func TestDecodeFetchReplies(t *testing.T) {
	t.Parallel()
	checkDecode(t, []decodeTest{
		{"processing", `{"status":"processing","message":"try again later.","output":"","tip":"t"}`, reply.JobState{Status: reply.Processing, Message: "try again later."}},
		{"success, null links", `{"status":"success","id":12345,"output":["https://cdn.example.com/0.png"],"proxy_links":null}`, reply.JobState{
			Key: "12345", ID: "12345", Status: reply.Success, Output: []string{"https://cdn.example.com/0.png"},
		}},
		{"request not found", `{"status":"failed","id":"","message":"Request not found","output":"","tip":"t"}`, reply.JobState{Status: reply.Failed, Message: "Request not found"}},
		{"failed", `{"status":"failed","id":"","message":"Failed, Try Again","output":""}`, reply.JobState{Status: reply.Failed, Message: "Failed, Try Again"}},
	})
}

func TestDecodeGenerationWebhooks(t *testing.T) {
	t.Parallel()
	checkDecode(t, []decodeTest{
		{"success", webhookSuccess, reply.JobState{
			Key: "abc123-def456", ID: "abc123-def456", Status: reply.Success, TrackID: "video_001", Took: 45200 * time.Millisecond,
			Output: []string{"https://pub-0123456789abcdef0123456789abcdef.example.com/generations/abc123.mp4"},
			Meta:   []byte(webhookSuccess[strings.Index(webhookSuccess, `"meta": `)+8 : len(webhookSuccess)-2]),
		}},
		{"failure", `{"status":"failed","id":"abc123-def456","message":"Processing failed: Invalid input dimensions","track_id":"video_001"}`, reply.JobState{
			Key: "abc123-def456", ID: "abc123-def456", Status: reply.Failed, TrackID: "video_001", Message: "Processing failed: Invalid input dimensions",
		}},
		{"processing, request_id, numeric track id", `{"status":"processing","request_id":5,"track_id":42,"eta":3}`, reply.JobState{
			Key: "5", ID: "5", Status: reply.Processing, TrackID: "42", ETA: 3 * time.Second,
		}},
	})
}

func TestDecodeTraining(t *testing.T) {
	t.Parallel()
	checkDecode(t, []decodeTest{
		{"submit", `{"status":"success","messege":"deploying_gpu","data":"it will take a while","training_id":"F5jvdzGnYi"}`, reply.JobState{
			Kind: "training", Key: "F5jvdzGnYi", ID: "F5jvdzGnYi", Status: reply.Processing, Stage: "deploying_gpu", Message: "deploying_gpu",
		}},
		{"submit without a stage", `{"status":"success","message":"queued for training","training_id":77}`, reply.JobState{
			Kind: "training", Key: "77", ID: "77", Status: reply.Processing, Message: "queued for training",
		}},
		{"webhook", `{"status":"success","training_status":"deploying_gpu","logs":"soon","model_id":"F5jvdzGnYi"}`, reply.JobState{
			Kind: "training", Key: "F5jvdzGnYi", ID: "F5jvdzGnYi", Status: reply.Processing, Stage: "deploying_gpu",
		}},
		{"trained is not ready", `{"status":"success","training_status":"training_success","model_id":"F5jvdzGnYi"}`, reply.JobState{
			Kind: "training", Key: "F5jvdzGnYi", ID: "F5jvdzGnYi", Status: reply.Processing, Stage: "training_success",
		}},
		{"ready", `{"status":"success","training_status":"model_ready","model_id":"F5jvdzGnYi"}`, reply.JobState{
			Kind: "training", Key: "F5jvdzGnYi", ID: "F5jvdzGnYi", Status: reply.Success, Stage: "model_ready",
		}},
		{"unknown stage", `{"status":"success","training_status":"polishing","model_id":"F5jvdzGnYi"}`, reply.JobState{
			Kind: "training", Key: "F5jvdzGnYi", ID: "F5jvdzGnYi", Status: reply.Processing, Stage: "polishing",
		}},
		{"failed stage", `{"status":"success","training_status":"failed","model_id":"F5jvdzGnYi"}`, reply.JobState{
			Kind: "training", Key: "F5jvdzGnYi", ID: "F5jvdzGnYi", Status: reply.Failed, Stage: "failed",
		}},
		{"an error stays failed", `{"status":"error","messege":"model_ready","training_id":"F5jvdzGnYi"}`, reply.JobState{
			Kind: "training", Key: "F5jvdzGnYi", ID: "F5jvdzGnYi", Status: reply.Failed, Stage: "model_ready", Message: "model_ready",
		}},
		{"status reply", `{"status":"success","messege":"trained_model_uploading","data":"step/nstep"}`, reply.JobState{
			Status: reply.Processing, Stage: "trained_model_uploading", Message: "trained_model_uploading",
		}},
		{"status reply, ready", `{"status":"success","message":"model_ready","data":""}`, reply.JobState{
			Status: reply.Success, Stage: "model_ready", Message: "model_ready",
		}},
		{"old status reply", `{"status":"success","model_training_status":"training_started","test_image":"https://cdn.example.com/t.png","model_id":"m"}`, reply.JobState{
			Kind: "training", Key: "m", ID: "m", Status: reply.Processing, Stage: "training_started",
		}},
		{"model_id alone is no training", `{"status":"success","model_id":"flux","output":["https://cdn.example.com/0.png"]}`, reply.JobState{
			Status: reply.Success, Output: []string{"https://cdn.example.com/0.png"},
		}},
	})
}

func TestDecodeWorkflows(t *testing.T) {
	t.Parallel()
	checkDecode(t, []decodeTest{
		{"run reply", `{"status":"success","message":"Workflow started","execution_id":12345,"workflow_id":"wf-uuid","status_url":"https://api.example.com/s","webhook_url":null}`, reply.JobState{
			Kind: "workflow", Key: "wf-uuid/12345", ID: "12345", Status: reply.Processing, Message: "Workflow started",
		}},
		{"running", `{"status":"success","execution":{"id":12345,"workflow_id":"wf-uuid","status":"running","execution_time":null},"output":null,"error":null,"steps":[{"name":"a","status":"completed"}]}`, reply.JobState{
			Kind: "workflow", Key: "wf-uuid/12345", ID: "12345", Status: reply.Processing,
		}},
		{"completed", `{"status":"success","execution":{"id":12345,"workflow_id":"wf-uuid","status":"completed","execution_time":45.5},"output":{"output":["https://cdn.example.com/0.png"],"proxy_links":["https://proxy.example.com/0.png"],"status":"success"},"error":null,"steps":[]}`, reply.JobState{
			Kind: "workflow", Key: "wf-uuid/12345", ID: "12345", Status: reply.Success, Output: []string{"https://cdn.example.com/0.png"},
			ProxyLinks: []string{"https://proxy.example.com/0.png"}, Took: 45500 * time.Millisecond,
		}},
		{"failed in a successful envelope", `{"status":"success","message":"Execution found","execution":{"id":12345,"workflow_id":"wf-uuid","status":"failed"},"output":{"output":[],"status":"success"},"error":"node 2 ran out of memory"}`, reply.JobState{
			Kind: "workflow", Key: "wf-uuid/12345", ID: "12345", Status: reply.Failed, Message: "node 2 ran out of memory",
		}},
		{"output as a string", `{"status":"success","execution":{"id":"e","workflow_id":"w","status":"completed"},"output":{"output":"https://cdn.example.com/0.png"}}`, reply.JobState{
			Kind: "workflow", Key: "w/e", ID: "e", Status: reply.Success, Output: []string{"https://cdn.example.com/0.png"},
		}},
		{"flat webhook", `{"event":"workflow.completed","execution_id":12345,"workflow_id":"wf-uuid","status":"completed","output":{"output":["https://cdn.example.com/0.png"]},"completed_at":"2024-01-15T10:30:15Z"}`, reply.JobState{
			Kind: "workflow", Key: "wf-uuid/12345", ID: "12345", Status: reply.Success, Output: []string{"https://cdn.example.com/0.png"},
		}},
		{"flat webhook, success is an end", `{"event":"workflow.completed","execution_id":1,"workflow_id":"w","status":"success"}`, reply.JobState{
			Kind: "workflow", Key: "w/1", ID: "1", Status: reply.Success,
		}},
		{"flat webhook, failed", `{"event":"workflow.failed","execution_id":1,"workflow_id":"w","status":"failed","error":{"message":"no node","code":3}}`, reply.JobState{
			Kind: "workflow", Key: "w/1", ID: "1", Status: reply.Failed, Message: "no node",
		}},
		{"nested webhook", `{"event":"workflow.completed","workflow":{"id":"wf_abc123","name":"n","user_id":12345},"execution":{"id":"exec_xyz789","status":"completed","execution_time":45.2,"input_data":{"image":"https://in.example.com/i.png"},"output_data":{"images":["https://cdn.example.com/0.png"],"extra":{"mask":"https://cdn.example.com/1.png"},"count":2}}}`, reply.JobState{
			Kind: "workflow", Key: "wf_abc123/exec_xyz789", ID: "exec_xyz789", Status: reply.Success,
			Output: []string{"https://cdn.example.com/0.png", "https://cdn.example.com/1.png"}, Took: 45200 * time.Millisecond,
		}},
		{"nested webhook, cancelled", `{"event":"workflow.cancelled","workflow":{"id":"w"},"execution":{"id":"e","status":"canceled"}}`, reply.JobState{
			Kind: "workflow", Key: "w/e", ID: "e", Status: reply.Cancelled,
		}},
		{"without a workflow it cannot be fetched", `{"event":"workflow.completed","execution":{"id":"e"}}`, reply.JobState{ID: "e"}},
	})
}

func TestDecodeStatus(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"success": reply.Success, "success ": reply.Success, " Success": reply.Success, `success\n`: reply.Success, "ready": reply.Success, "completed": reply.Success, "SUCCESS": reply.Success,
		"processing": reply.Processing, "Queued": reply.Processing, "pending": reply.Processing, "running": reply.Processing,
		"error": reply.Failed, "failed": reply.Failed, "Failed": reply.Failed,
		"cancelled": reply.Cancelled, "canceled": reply.Cancelled,
		"ok": "ok", "Paused": "paused", "": "",
	} {
		var j reply.JobState
		var x reply.Verdict
		require.NoError(t, reply.Decode([]byte(`{"status":"`+word+`"}`), &j, &x))
		require.Equal(t, want, j.Status)
		require.Equal(t, strings.ToLower(strings.TrimSpace(strings.TrimSuffix(word, `\n`))), x.Word)
		require.Equal(t, word != "", x.HasStatus)
	}
	for body, want := range map[string]string{
		`{"STATUS":"success","status":"processing"}`: reply.Processing,
		`{"status":"failed","Status":"success"}`:     reply.Failed,
		`{"Status":"success"}`:                       "",
		`{"st\u0061tus":"success"}`:                  reply.Success,
		`{"status":null,"output":"","id":1}`:         "",
		`{"status":{"status":"success"}}`:            "",
		`{"data":{"status":"success"}}`:              "",
		`{"output":["https://cdn.example.com/0"]}`:   reply.Success,
		`{"output":[],"links":[]}`:                   "",
	} {
		var j reply.JobState
		require.NoError(t, decode(body, &j))
		require.Equal(t, want, j.Status, body)
	}
}

func TestDecodeIDs(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"id":134932313}`:                      "134932313",
		`{"id":9007199254740993}`:               "9007199254740993",
		`{"id":123456789012345678901234567890}`: "123456789012345678901234567890",
		`{"id":"abc123-def456"}`:                "abc123-def456",
		`{"id":"007"}`:                          "007",
		`{"id":""}`:                             "",
		`{"id":null}`:                           "",
		`{"id":false}`:                          "",
		`{"id":{"id":1}}`:                       "",
		`{"id":[1]}`:                            "",
		`{}`:                                    "",
		`{"id":"","request_id":"r"}`:            "r",
		`{"id":null,"taskId":"t"}`:              "t",
		`{"request_id":5,"id":"first"}`:         "first",
		`{"ID":1,"Id":2}`:                       "",
		`{"model_id":"flux"}`:                   "",
		`{"meta":{"id":"5"}}`:                   "",
		`{"data":{"id":"inner"}}`:               "",
	} {
		var j reply.JobState
		require.NoError(t, decode(body, &j))
		require.Equal(t, want, j.ID, body)
		require.Empty(t, j.Kind, body)
		require.Equal(t, want, j.Key, body)
	}
}

func TestDecodeFetchURL(t *testing.T) {
	t.Parallel()
	for url, want := range map[string][2]string{
		`https:\/\/api.example.com\/api\/v6\/video\/fetch\/5`:        {"video", "5"},
		`https://elsewhere.example.net/api/v6/3d/fetch/5?x=1#y`:      {"3d", "5"},
		`/api/v6/interior/fetch/5`:                                   {"interior", "5"},
		`https://api.example.com/api/v5/images/fetch/5`:              {"images", "5"},
		`https://api.example.com/api/v6/deepfake/fetch/5`:            {"faceswap", "5"},
		`https://api.example.com/api/v1/enterprise/flux/fetch/5`:     {"enterprise/flux", "5"},
		`https://api.example.com/api/v7/voice/fetch/5`:               {"v7/voice", "5"},
		`https://api.example.com/api/v6/unheard_of/fetch/5`:          {"", "1"},
		`https://api.example.com/api/v6/video/fetch/`:                {"", "1"},
		`https://api.example.com/api/v6/video/fetch/..%2F..%2Fadmin`: {"", "1"},
		`://`:  {"", "1"},
		``:     {"", "1"},
		`%zz/`: {"", "1"},
	} {
		var j reply.JobState
		require.NoError(t, decode(`{"status":"processing","id":1,"fetch_result":"`+url+`"}`, &j))
		require.Equal(t, want, [2]string{j.Kind, j.Key}, url)
		require.Equal(t, "1", j.ID)
	}
}

func TestDecodeOutput(t *testing.T) {
	t.Parallel()
	const a, b = "https://cdn.example.com/a.png", "https://cdn.example.com/b.png"
	tests := []struct {
		name, members string
		urls          []string
		text          string
	}{
		{"list", `"output":["` + a + `","` + b + `"]`, []string{a, b}, ""},
		{"empty list", `"output":[]`, nil, ""},
		{"empty string", `"output":""`, nil, ""},
		{"null", `"output":null`, nil, ""},
		{"absent", `"id":1`, nil, ""},
		{"string", `"output":"` + a + `"`, []string{a}, ""},
		{"object in document order", `"output":{"1":"` + b + `","0":"` + a + `"}`, []string{b, a}, ""},
		{"list with null and empty", `"output":[null,"","` + a + `",7,true]`, []string{a}, ""},
		{"lists in a list", `"output":[["` + a + `"],["` + b + `"]]`, []string{a, b}, ""},
		{"escaped slashes", `"output":["https:\/\/cdn.example.com\/a.png"]`, []string{a}, ""},
		{"in data", `"output":[],"data":{"output":["` + a + `"]}`, []string{a}, ""},
		{"in result", `"result":{"output":"` + a + `"}`, []string{a}, ""},
		{"caption", `"output":"a cat\non a mat"`, nil, "a cat\non a mat"},
		{"captions", `"output":["a cat","a dog"]`, nil, "a cat\na dog"},
		{"caption that starts with a URL", `"output":"https://a.example is a site"`, nil, "https://a.example is a site"},
		{"text and URL", `"output":["a cat","` + a + `"]`, []string{a}, "a cat"},
		{"another scheme", `"output":["s3://bucket/a.png","http://","httpss://cdn.example.com/a.png"]`, nil, "s3://bucket/a.png\nhttp://\nhttpss://cdn.example.com/a.png"},
		{"plain HTTP", `"output":"http://cdn.example.com/a.png"`, []string{"http://cdn.example.com/a.png"}, ""},
		{"links", `"output":[],"links":["` + a + `"],"proxy_links":["` + b + `"]`, []string{a}, ""},
		{"proxy links", `"output":[],"links":[],"proxy_links":["` + b + `"]`, []string{b}, ""},
		{"proxy link as a string", `"output":"","proxy_links":"` + b + `"`, []string{b}, ""},
		{"never future links", `"output":[],"future_links":["` + a + `"]`, nil, ""},
		{"never from meta", `"output":[],"meta":{"output":["` + a + `"]}`, nil, ""},
		{"a text is a result", `"output":"a cat","proxy_links":["` + b + `"]`, nil, "a cat"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var j reply.JobState
			require.NoError(t, decode(`{"status":"success",`+tt.members+`}`, &j))
			require.Equal(t, tt.urls, j.Output)
			require.Equal(t, tt.text, j.Text)
		})
	}
}

func TestDecodeLinksWhileProcessing(t *testing.T) {
	t.Parallel()
	var j reply.JobState
	require.NoError(t, decode(`{"status":"processing","id":1,"output":[],"links":["https://cdn.example.com/l"],"proxy_links":["https://cdn.example.com/p"],"future_links":"https://cdn.example.com/f"}`, &j))
	require.Empty(t, j.Output)
	require.Equal(t, []string{"https://cdn.example.com/p"}, j.ProxyLinks)
	require.Equal(t, []string{"https://cdn.example.com/f"}, j.FutureLinks)
}

func TestDecodeOutputIsNotSharedWithProxyLinks(t *testing.T) {
	t.Parallel()
	var j reply.JobState
	require.NoError(t, decode(`{"status":"success","proxy_links":["https://cdn.example.com/p"]}`, &j))
	j.Output[0] = "changed"
	require.Equal(t, []string{"https://cdn.example.com/p"}, j.ProxyLinks)
}

func TestDecodeMessages(t *testing.T) {
	t.Parallel()
	tests := []struct{ members, message, field string }{
		{`"message":"a"`, "a", ""},
		{`"messege":"b"`, "b", ""},
		{`"message":"a","messege":"b"`, "a", ""},
		{`"message":"","messege":"b"`, "b", ""},
		{`"message":null,"error":"c"`, "c", ""},
		{`"message":{"prompt":["The prompt field is required."]}`, "prompt: The prompt field is required.", "prompt"},
		{`"messege":{"width":["too small","not a number"],"prompt":["missing"]}`, "width: too small, not a number; prompt: missing", "width"},
		{`"message":{"prompt":"missing"}`, "prompt: missing", "prompt"},
		{`"message":["a","b"]`, "a; b", ""},
		{`"message":"The given data was invalid.","errors":{"height":["must be divisible by 8"]}`, "The given data was invalid; height: must be divisible by 8", "height"},
		{`"error":{"message":"no such agent","code":7}`, "no such agent", ""},
		{`"tip":"look at the key"`, "look at the key", ""},
		{`"tips":"look there"`, "look there", ""},
		{`"message":"a","tip":"look"`, "a", ""},
		{`"message":500`, "500", ""},
		{`"message":{}`, "", ""},
		{`"code":1`, "", ""},
	}
	for _, tt := range tests {
		var j reply.JobState
		var x reply.Verdict
		require.NoError(t, reply.Decode([]byte(`{"status":"error",`+tt.members+`}`), &j, &x))
		require.Equal(t, tt.message, j.Message, tt.members)
		require.Equal(t, tt.field, x.Field, tt.members)
		require.False(t, x.HasJob, tt.members)
	}
	var j reply.JobState
	require.NoError(t, decode(`{"status":"processing","tip":"buy more"}`, &j))
	require.Empty(t, j.Message)
}

func TestDecodeTimes(t *testing.T) {
	t.Parallel()
	const week = 7 * 24 * time.Hour
	for value, want := range map[string]time.Duration{
		`605`: 605 * time.Second, `0.25`: 250 * time.Millisecond, `"20.5"`: 20500 * time.Millisecond,
		`-1`: 0, `0`: 0, `1e9`: week, `1e400`: week, `"NaN"`: 0, `"soon"`: 0, `null`: 0, `[]`: 0, `true`: 0,
	} {
		var j reply.JobState
		var x reply.Verdict
		require.NoError(t, reply.Decode([]byte(`{"status":"processing","eta":`+value+`,"generationTime":`+value+`,"retry_after":`+value+`}`), &j, &x))
		require.Equal(t, want, j.ETA, value)
		require.Equal(t, want, j.Took, value)
		require.Equal(t, want, x.RetryAfter, value)
	}
}

func TestDecodeTrackIDs(t *testing.T) {
	t.Parallel()
	for members, want := range map[string]string{
		`"track_id":"video_001"`:                      "video_001",
		`"track_id":42`:                               "42",
		`"track_id":12345678901234567890`:             "12345678901234567890",
		`"track_id":null`:                             "",
		`"track_id":null,"meta":{"track_id":"3422"}`:  "3422",
		`"meta":{"track_id":3422}`:                    "3422",
		`"meta":{"track_id":null}`:                    "",
		`"meta":{"track_id":{"a":1}}`:                 "",
		`"meta":[]`:                                   "",
		`"track_id":"top","meta":{"track_id":"meta"}`: "top",
		`"track_id":"caf\u00e9 \ud83d\ude00"`:         "café 😀",
		`"track_id":"line\nbreak"`:                    "line\nbreak",
		`"TRACK_ID":"x"`:                              "",
	} {
		var j reply.JobState
		require.NoError(t, decode(`{"status":"success",`+members+`}`, &j))
		require.Equal(t, want, j.TrackID, members)
	}
}

func TestDecodeNSFW(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{
		`true`: true, `false`: false, `"true"`: true, `"Yes"`: true, `"no"`: false, `1`: true, `0`: false, `null`: false,
		`[]`: false, `[false,true]`: true, `[false]`: false, `["true"]`: true, `{}`: false,
	} {
		var j reply.JobState
		require.NoError(t, decode(`{"status":"success","nsfw_content_detected":`+value+`}`, &j))
		require.Equal(t, want, j.NSFW, value)
	}
}

func TestDecodeSaysWhetherItIsAJob(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		`{"status":"success","id":1}`:                                                            true,
		`{"status":"success","output":["https://cdn.example.com/0"]}`:                            true,
		`{"status":"success","output":"a cat"}`:                                                  true,
		`{"status":"queued","links":["https://cdn.example.com/0"]}`:                              true,
		`{"status":"processing","future_links":["https://cdn.example.com/0"]}`:                   true,
		`{"status":"processing","fetch_result":"https://api.example.com/api/v6/video/fetch/5"}`:  true,
		`{"status":"success","training_id":"x"}`:                                                 true,
		`{"status":"success","execution_id":1,"workflow_id":"w"}`:                                true,
		`{"status":"failed","id":"","message":"Request not found","output":""}`:                  false,
		`{"status":"error","message":"Rate limit exceeded. Maximum 5 queued requests allowed."}`: false,
		`{"images":"https://cdn.example.com/0","has_nsfw_concept":[true]}`:                       false,
	} {
		var x reply.Verdict
		require.NoError(t, reply.Decode([]byte(body), new(reply.JobState), &x))
		require.Equal(t, want, x.HasJob, body)
	}
}

func TestDecodeRefusesWhatIsNoJob(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		``:                       "got nothing",
		`[{"status":"success"}]`: "got an array",
		`"success"`:              "got a string",
		`17`:                     "got a number",
		`true`:                   "got a boolean",
		`<html>502</html>`:       "got text that is not JSON",
		`{"status":"success"`:    "unexpected end",
		`{"status":"success"}}`:  "text after the value",
		`{"status":"success"} {"status":"failed"}`:                                    "text after the value",
		`{"status":"success","status":"failed"}`:                                      `two members named "status"`,
		`{"status":null,"status":"success"}`:                                          `two members named "status"`,
		`{"status":"success","st\u0061tus":"failed"}`:                                 `two members named "status"`,
		`{"id":1,"id":2}`:                                                             `two members named "id"`,
		`{"a":` + strings.Repeat("[", 10000) + "1" + strings.Repeat("]", 10000) + `}`: "nested too deeply",
	} {
		j := reply.JobState{ID: "kept"}
		x := reply.Verdict{Word: "kept"}
		require.ErrorContains(t, reply.Decode([]byte(body), &j, &x), want, "%.60q", body)
		require.Equal(t, reply.JobState{ID: "kept"}, j)
		require.Equal(t, "kept", x.Word)
	}
	require.Error(t, decode(`null`, new(reply.JobState)))
	var j reply.JobState
	require.NoError(t, decode(`{"output":[],"output":["https://cdn.example.com/0"],"meta":{"status":1,"status":2}}`, &j))
	require.Len(t, j.Output, 1)
}

func TestDecodeBlanksCallbackTokens(t *testing.T) {
	t.Parallel()
	token := strings.Repeat("Ab3-_Z", 9)[:52]
	for _, equals := range []string{"=", "%3D", "%3d", `\u003d`, `\u003D`} {
		callback := `https:\/\/hooks.example.com\/cb?kind=video\u0026sig` + equals + token
		body := `{"status":"failed","id":1,"message":"cannot reach ` + callback + `","track_id":"sig` + equals + token + `","meta":{"webhook":"` + callback + `","W":512},"webhook":"` + callback + `"}`
		var j reply.JobState
		require.NoError(t, decode(body, &j))
		for _, text := range []string{j.Message, j.TrackID, string(j.Meta), string(j.Raw)} {
			require.NotContains(t, text, token)
			require.Contains(t, text, strings.Repeat("*", 52))
		}
		require.True(t, json.Valid(j.Raw))
		require.True(t, json.Valid(j.Meta))
	}
}

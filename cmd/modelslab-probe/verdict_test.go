package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/modelslabtest"
)

// Each question in each of the ways that its answer can fall.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	const images, realtime, lyrics = "/v6/images/text2img", "/v6/realtime/text2img", "/v6/voice/lyrics_generator"
	const tags, count, run = "/v6/model-search/tags", "/v6/processing/request_count", "/v1/workflows/wf_abc/run"
	const refusedTrackID = `{"status":"error","message":{"track_id":["It must be an integer."]}}`
	refused := modelslabtest.Refused
	answer := func(body string) modelslabtest.Fault {
		return modelslabtest.Fault{Accept: true, Lost: true, Body: body}
	}
	at := func(path string, f modelslabtest.Fault) api {
		return api{faults: map[string]modelslabtest.Fault{path: f}}
	}
	for name, tt := range map[string]struct {
		api      api
		question int
		verdict  verdict
		seen     string
	}{
		"query kept":    {api{}, query, agrees, "with its token"},
		"query dropped": {api{deliver: withoutQuery("image")}, query, differs, `names ["from"]`},
		"no delivery":   {at(images, modelslabtest.Fault{Lost: true}), query, open, "within 2m0s"},
		"image refused": {at(images, refused(402, "Insufficient credits")), query, open, "Insufficient credits"},

		"no fresh ETA":          {api{}, eta, agrees, "named none"},
		"fresh ETA":             {at(images, modelslabtest.Fault{FreshETA: true}), eta, differs, "The submit said 20s"},
		"done before the fetch": {at(images, modelslabtest.Fault{Sync: true}), eta, open, "no job was processing"},

		"sync webhook":     {api{}, synchronous, agrees, "a delivery came"},
		"no sync webhook":  {at(realtime, modelslabtest.Fault{Sync: true, Lost: true}), synchronous, differs, "no delivery came within"},
		"not synchronous":  {at(realtime, modelslabtest.Fault{}), synchronous, open, "no submit was answered"},
		"realtime refused": {at(realtime, refused(400, "Model not found")), synchronous, open, "Model not found"},

		"text taken":            {api{}, text, agrees, "came back as sent"},
		"text refused":          {at(lyrics, refused(200, "The track id must be an integer.")), text, differs, "must be an integer"},
		"text refused by field": {at(lyrics, modelslabtest.Fault{Body: refusedTrackID}), text, differs, "must be an integer"},
		"prompt refused":        {at(lyrics, refused(400, "prompt is required")), text, open, "prompt is required"},
		"text changed":          {at(lyrics, modelslabtest.Fault{Webhook: `{"status":"failed","track_id":1}`}), text, differs, "another track id"},
		"text changed in meta":  {at(lyrics, answer(`{"status":"success","output":["https://x.example/a.txt"],"meta":{"track_id":"1"}}`)), text, differs, "1 came back"},
		"text never back":       {at(lyrics, answer(`{"status":"success","output":["https://x.example/a.txt"]}`)), text, agrees, "never came back"},

		"number kept":         {api{}, number, agrees, "came back as sent"},
		"number refused":      {at(lyrics, refused(200, "track_id is too large")), number, differs, "too large"},
		"number rounded":      {at(lyrics, answer(`{"status":"success","output":["https://x.example/a.txt"],"meta":{"track_id":4.5035996273705E+15}}`)), number, differs, "E+15 came back"},
		"number changed":      {at(lyrics, modelslabtest.Fault{Webhook: `{"status":"failed","track_id":4503599627370496}`}), number, differs, "another track id"},
		"number never back":   {at(lyrics, answer(`{"status":"success","output":["https://x.example/a.txt"]}`)), number, open, "never came back"},
		"number not readable": {at(lyrics, modelslabtest.Page(503)), number, open, "HTTP 503"},

		"fetch_result's id": {api{}, ids, agrees, "only that of fetch_result"},
		"the body's id":     {at(images, answer(`{"status":"processing","id":12202888,"fetch_result":"https://x.example/api/v6/images/fetch/999"}`)), ids, differs, "only id is found"},
		"neither id":        {at(images, answer(`{"status":"processing","id":998,"fetch_result":"https://x.example/api/v6/images/fetch/999"}`)), ids, open, "neither is found"},
		"one id":            {at(images, modelslabtest.Fault{}), ids, open, "they were the same in all"},

		"no progress":       {api{}, progress, agrees, "all at the end"},
		"progress":          {at(images, modelslabtest.Fault{Progress: 1}), progress, differs, "said processing"},
		"nothing delivered": {at("*", modelslabtest.Fault{Lost: true}), progress, open, "no delivery came"},

		"workflow.failed":    {api{}, workflow, agrees, `"workflow.failed", in the nested form`},
		"workflow.error":     {at(run, modelslabtest.Fault{Fail: "x", Webhook: `{"event":"workflow.error","execution_id":5,"workflow_id":"wf_abc","status":"failed"}`}), workflow, differs, `"workflow.error", in the flat form`},
		"workflow in vain":   {at(run, modelslabtest.Fault{Fail: "x", Lost: true}), workflow, open, "no delivery came"},
		"workflow completed": {at(run, modelslabtest.Fault{}), workflow, open, "did not fail"},
		"workflow unknown":   {at(run, refused(404, "Workflow not found")), workflow, open, "Workflow not found"},

		"header not taken": {api{}, keyHeader, agrees, "the header is not"},
		"header taken":     {api{lenient: true}, keyHeader, differs, "The header is taken"},
		"no key needed":    {at(tags, modelslabtest.Fault{Body: `{"status":"success","data":["art"]}`}), keyHeader, differs, "No key is needed"},
		"query not taken":  {at(tags, refused(401, "API key required")), keyHeader, differs, "in the query is refused"},
		"no model search":  {at(tags, modelslabtest.Page(503)), keyHeader, open, "cannot be asked"},

		"429 with a time":   {api{}, limit, agrees, "to wait 1m0s; headers: Content-Type"},
		"429 with a header": {at(count, modelslabtest.Fault{Status: 429, Body: `{"status":"error","message":"Too many"}`, Header: http.Header{"X-RateLimit-Reset": {"7"}}}), limit, agrees, `X-Ratelimit-Reset="7"`},
		"429 without":       {at(count, modelslabtest.RateLimited(0)), limit, differs, "without any of them"},
		"429 with another":  {at(count, modelslabtest.Fault{Status: 429, Body: `{"status":"error"}`, Header: http.Header{"RateLimit-Policy": {"30;w=60"}}}), limit, differs, `Ratelimit-Policy="30;w=60"`},
		"no 429":            {at(count, modelslabtest.Fault{Body: `{"status":"success","processing_count":0}`}), limit, open, "none of 40"},
		"no count":          {at(count, refused(403, "Premium only")), limit, open, "Premium only"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res := probe(t, &tt.api)
			require.Len(t, res.verdicts, len(questions), res.out)
			require.Equal(t, tt.verdict, res.verdicts[tt.question], res.report)
			require.Contains(t, sectionOf(res.report, tt.question), tt.seen)
			require.Contains(t, res.out, tt.seen)
			code := exitAgrees
			for i, v := range res.verdicts {
				if v == differs {
					code = exitDiffers
					require.Contains(t, res.out, "differs: "+questions[i].text)
				}
			}
			require.Equal(t, code, res.code, res.out)
		})
	}
}

package reply_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/reply"
)

func response(status int, body string) *reply.Response {
	return &reply.Response{Op: "POST /x", Status: status, Header: http.Header{}, Body: []byte(body)}
}

func TestSubmit(t *testing.T) {
	t.Parallel()
	const sent = `{"key":"k","prompt":"A gateway timeout screen","samples":2,"list":["a premium car"]}`
	for name, tt := range map[string]struct {
		status  int
		body    string
		reason  error // nil for a job
		unknown bool
		job     string // kind and key
		state   string
	}{
		"a job":                             {200, `{"status":"processing","id":7}`, nil, false, "/7", reply.Processing},
		"HTTP 202":                          {202, `{"status":"processing","id":7}`, nil, false, "/7", reply.Processing},
		"done at once":                      {200, `{"status":"success","output":["https://cdn.example.com/0"]}`, nil, false, "/", reply.Success},
		"accepted and failed":               {200, `{"status":"failed","id":7,"message":"Processing failed"}`, nil, false, "/7", reply.Failed},
		"an error with an id":               {200, `{"status":"error","id":7,"message":"the model is broken"}`, nil, false, "/7", reply.Failed},
		"failed, and no job":                {200, `{"status":"failed","id":"","message":"Failed, Try Again"}`, fault.Invalid, false, "/", reply.Failed},
		"a rate limit":                      {200, `{"status":"error","message":"Rate limit exceeded"}`, fault.RateLimited, false, "/", reply.Failed},
		"a rate limit that names a job":     {200, `{"status":"error","id":7,"message":"Too many requests at the provider, queued"}`, fault.RateLimited, true, "/7", ""},
		"one with a fetch URL":              {429, `{"status":"error","fetch_result":"https://api.example.com/api/v6/video/fetch/7","message":"slow down"}`, fault.RateLimited, true, "video/7", ""},
		"an outage that names a job":        {200, `{"status":"error","request_id":"7","message":"Server is busy"}`, fault.Unavailable, true, "/7", ""},
		"a refusal with HTTP 422 and a job": {422, `{"status":"error","id":7,"message":"no"}`, fault.Invalid, true, "/7", ""},
		"no credits":                        {200, `{"status":"error","message":"Insufficient credits"}`, fault.Credits, false, "/", reply.Failed},
		"the plan":                          {200, `{"status":"error","message":"This needs a subscription"}`, fault.Forbidden, false, "/", reply.Failed},
		"too many attempts":                 {200, `{"status":"error","message":"Too Many Attempts."}`, fault.RateLimited, false, "/", reply.Failed},
		"maintenance":                       {200, `{"status":"error","message":"We are under maintenance"}`, fault.Unavailable, false, "/", reply.Failed},
		"an answer lost behind the API":     {200, `{"status":"error","message":"cURL error 28: Operation timed out"}`, fault.Unavailable, true, "/", reply.Failed},
		"a server error":                    {500, `{"status":"error","message":"oops"}`, fault.Unavailable, true, "/", reply.Failed},
		"nothing of a job":                  {200, `{"ok":true}`, fault.Unavailable, true, "/", ""},
		"nothing":                           {200, ``, fault.Unavailable, true, "/", ""},
		"a list":                            {200, `[]`, fault.Unavailable, true, "/", ""},
		"a page":                            {200, `<html>{"status":1}</html>`, fault.Unavailable, true, "/", ""},
		"a proxy's 502":                     {502, `<html>`, fault.Unavailable, true, "/", ""},
		"a proxy's 404":                     {404, `<html>`, fault.NotFound, false, "/", ""},
		"a proxy's 408":                     {408, `<html>`, fault.Unavailable, true, "/", ""},
		"a redirect":                        {302, ``, fault.Unavailable, false, "/", ""},
		"half an answer":                    {200, `{"status":"processing","id":71,"eta":`, fault.Unavailable, true, "/71", ""},
		"half an id":                        {200, `{"status":"processing","id":71`, fault.Unavailable, true, "/", ""},
		"a whole id as text":                {200, `{"status":"processing","id":"71"`, fault.Unavailable, true, "/71", ""},
		"half an answer with a fetch URL":   {504, `{"fetch_result":"https:\/\/api.example.com\/api\/v6\/3d\/fetch\/5","x`, fault.Unavailable, true, "3d/5", ""},
		"two ids":                           {200, `{"id":1,"id":2}`, fault.Unavailable, true, "/", ""},
		"an id twice":                       {200, `{"status":"processing","id":1,"id":1}`, nil, false, "/1", reply.Processing},
		"a byte order mark":                 {200, "\ufeff" + `{"status":"processing","id":1}`, nil, false, "/1", reply.Processing},
		"a warning of PHP":                  {200, "<br />\n<b>Warning</b>: {closure} failed<br />\n" + `{"status":"processing","id":1}`, nil, false, "/1", reply.Processing},
		"a comment after it":                {200, `{"status":"processing","id":1}` + "\n<!-- 0.2 s -->", nil, false, "/1", reply.Processing},
		"no number":                         {200, `{"status":"processing","id":1,"eta":NaN,"meta":{"x":-Infinity}}`, nil, false, "/1", reply.Processing},
		"a field named like a word":         {200, `{"status":"error","message":{"white_balance":["must be a number"]}}`, fault.Invalid, false, "/", reply.Failed},
		"the key's own field":               {200, `{"status":"error","message":{"key":["is wrong"]}}`, fault.Auth, false, "/", reply.Failed},
		"a quoted prompt":                   {200, `{"status":"error","message":"The prompt \"rate limit 50\" was flagged"}`, fault.Invalid, false, "/", reply.Failed},
		"a prompt cut off":                  {200, `{"status":"error","message":"Flagged: \"rate limit 50 and"}`, fault.Invalid, false, "/", reply.Failed},
		"curly quotes":                      {200, `{"status":"error","message":"The prompt “a premium car” was flagged"}`, fault.Invalid, false, "/", reply.Failed},
		"single quotes":                     {200, `{"status":"error","message":"The prompt 'my credit card' can't be used"}`, fault.Invalid, false, "/", reply.Failed},
		"an apostrophe is no quote":         {200, `{"status":"error","message":"You don't have credits, you can't go on"}`, fault.Credits, false, "/", reply.Failed},
		"a prompt without quotes":           {200, `{"status":"error","message":"Flagged: a GATEWAY timeout screen"}`, fault.Invalid, false, "/", reply.Failed},
		"another text of the request":       {200, `{"status":"error","message":"Flagged: a premium car"}`, fault.Invalid, false, "/", reply.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s reply.JobState
			e := response(tt.status, tt.body).Submit(&s, []byte(sent))
			require.Equal(t, tt.job, s.Kind+"/"+s.Key)
			require.Equal(t, tt.state, s.Status)
			if tt.reason == nil {
				require.Nil(t, e)
				return
			}
			require.ErrorIs(t, e, tt.reason)
			require.Equal(t, tt.unknown, e.Unknown)
			require.Equal(t, "POST /x", e.Op)
			require.Equal(t, tt.status, e.HTTPStatus)
		})
	}
}

func TestFetch(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status   int
		body     string
		reason   error // nil for a job
		doubtful bool
		state    string
	}{
		"processing":            {200, `{"status":"processing","message":"try again later."}`, nil, false, reply.Processing},
		"success":               {200, `{"status":"success","id":7,"output":["https://cdn.example.com/0"]}`, nil, false, reply.Success},
		"failed":                {200, `{"status":"failed","id":7,"message":"Server error"}`, nil, false, reply.Failed},
		"failed without an id":  {200, `{"status":"failed","id":"","message":"Failed, Try Again"}`, nil, false, reply.Failed},
		"failed in other words": {200, `{"status":"failed","message":"the face is too small"}`, nil, false, reply.Failed},
		"failed in an outage":   {200, `{"status":"failed","message":"Gateway Time-out"}`, fault.Unavailable, false, ""},
		"failed without a word": {200, `{"status":"failed"}`, fault.Unavailable, true, ""},
		"no such job":           {200, `{"status":"failed","id":"","message":"Request not found"}`, fault.NotFound, false, ""},
		"an error that says so": {200, `{"status":"error","message":"Processing failed: timed out"}`, nil, false, reply.Failed},
		"an error with an id":   {200, `{"status":"error","id":7,"message":"bad face"}`, nil, false, reply.Failed},
		"an outage with an id":  {200, `{"status":"error","id":7,"message":"Server is busy"}`, fault.Unavailable, false, ""},
		"busy":                  {200, `{"status":"error","message":"Server is busy, please retry"}`, fault.Unavailable, false, ""},
		"unavailable":           {200, `{"status":"error","message":"Service Unavailable"}`, fault.Unavailable, false, ""},
		"gateway":               {200, `{"status":"error","message":"Gateway Time-out"}`, fault.Unavailable, false, ""},
		"server error":          {200, `{"status":"error","message":"Server Error"}`, fault.Unavailable, false, ""},
		"too many":              {200, `{"status":"error","message":"Too Many Attempts."}`, fault.RateLimited, false, ""},
		"cURL":                  {200, `{"status":"error","message":"cURL error 6: Could not resolve host"}`, fault.Unavailable, false, ""},
		"maintenance":           {200, `{"status":"error","message":"We are under maintenance"}`, fault.Unavailable, false, ""},
		"nothing at all":        {200, `{"status":"error"}`, fault.Unavailable, false, ""},
		"something":             {200, `{"status":"error","message":"Something went wrong, try again"}`, fault.Unavailable, true, ""},
		"the key":               {200, `{"status":"error","message":"Invalid API key"}`, fault.Auth, false, ""},
		"credits":               {200, `{"status":"error","message":"Insufficient credits"}`, fault.Credits, false, ""},
		"HTTP 404 of the API":   {404, `{"message":"no such route"}`, fault.NotFound, false, ""},
		"HTTP 500":              {500, `{"status":"failed","id":7}`, fault.Unavailable, false, ""},
		"a page":                {403, `<html>`, fault.Forbidden, false, ""},
		"a redirect":            {301, ``, fault.Unavailable, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s reply.JobState
			e := response(tt.status, tt.body).Fetch(&s)
			if tt.reason == nil {
				require.Nil(t, e)
				require.Equal(t, tt.state, s.Status)
				return
			}
			require.ErrorIs(t, e, tt.reason)
			require.Equal(t, tt.doubtful, e.Doubtful)
			require.Equal(t, tt.status == 403, e.Page)
			require.False(t, e.Unknown)
		})
	}
}

func TestQuery(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status int
		body   string
		value  string
		reason error
		field  string
	}{
		"an object":             {200, ` {"status":"success"} `, `{"status":"success"}`, nil, ""},
		"a list":                {200, `[{"model_id":"x"}]`, `[{"model_id":"x"}]`, nil, ""},
		"a list with no number": {200, `[{"x":NaN}]`, `[{"x":null}]`, nil, ""},
		"a byte order mark":     {200, "\ufeff[1]", `[1]`, nil, ""},
		"another status":        {200, `{"status":"model_ready"}`, `{"status":"model_ready"}`, nil, ""},
		"an error":              {200, `{"status":"error","message":"Invalid API key"}`, "", fault.Auth, ""},
		"a failure":             {200, `{"status":"failed","message":"no"}`, "", fault.Invalid, ""},
		"a validation":          {422, `{"message":"The given data was invalid.","errors":{"email":["is taken"]}}`, "", fault.Invalid, "email"},
		"half a list":           {200, `[{`, "", fault.Unavailable, ""},
		"half an object":        {200, `{"status":`, "", fault.Unavailable, ""},
		"nothing":               {200, ``, "", fault.Unavailable, ""},
		"a page":                {403, `<html>`, "", fault.Forbidden, ""},
		"a redirect":            {307, ``, "", fault.Unavailable, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			value, e := response(tt.status, tt.body).Query()
			require.Equal(t, tt.value, string(value))
			if tt.reason == nil {
				require.Nil(t, e)
				return
			}
			require.ErrorIs(t, e, tt.reason)
			require.Equal(t, tt.field, e.Field)
			require.NotContains(t, e.Error(), "<html>")
		})
	}
}

func TestUpload(t *testing.T) {
	t.Parallel()
	var s reply.JobState
	require.Nil(t, response(200, `{"status":"success","output":["https://cdn.example.com/0"]}`).Upload(&s))
	require.Equal(t, []string{"https://cdn.example.com/0"}, s.Output)
	require.ErrorIs(t, response(200, `{"status":"error","message":"too large"}`).Upload(&s), fault.Invalid)
	require.ErrorIs(t, response(200, `<html>`).Upload(&s), fault.Unavailable)
	require.ErrorIs(t, response(302, ``).Upload(&s), fault.Unavailable)
}

func TestAnAnswerThatBrokeOff(t *testing.T) {
	t.Parallel()
	r := response(200, `{"status":"processing","id":71,"eta":5`)
	r.Broken = errors.New("the answer broke off")
	var s reply.JobState
	e := r.Submit(&s, nil)
	require.True(t, e.Unknown)
	require.ErrorIs(t, e, r.Broken)
	require.Equal(t, "71", s.Key)
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status int
		body   string
		header string
		want   time.Duration
	}{
		"in the body":              {429, `{"status":"error","retry_after":12}`, "40", 12 * time.Second},
		"in the header":            {429, `{"status":"error"}`, "40", 40 * time.Second},
		"of a page":                {429, `<html>`, "40", 40 * time.Second},
		"of a maintenance page":    {503, `<html>`, "20", 20 * time.Second},
		"of a JSON 503":            {503, `{"message":"later"}`, "20", 20 * time.Second},
		"nobody says":              {429, `{"status":"error"}`, "", 30 * time.Second},
		"nobody says in an outage": {503, `{"status":"error"}`, "", 0},
	} {
		r := response(tt.status, tt.body)
		if tt.header != "" {
			r.Header.Set("Retry-After", tt.header)
		}
		var s reply.JobState
		e := r.Fetch(&s)
		require.Equal(t, tt.want, e.RetryAfter, name)
	}
}

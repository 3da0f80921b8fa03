package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/endpoint"
)

func TestSchemas(t *testing.T) {
	t.Parallel()
	const job = `{"oneOf":[` +
		`{"type":"object","required":["id"],"properties":{"status":{"type":"string","enum":["success"]},"id":{"type":"integer"},"output":{"type":"array","items":{"type":"string"}}}},` +
		`{"type":"object","properties":{"status":{"enum":["processing"]},"eta":{"type":"number"}}}]}`
	for _, tt := range []struct {
		name, schema, value string
		want                []string
	}{
		{"a text", `{"type":"string"}`, `"a"`, nil},
		{"an integer is a number", `{"type":"number"}`, `3`, nil},
		{"a number is no integer", `{"type":"integer"}`, `3.5`, []string{"the answer is number, want integer"}},
		{"a large number is no integer", `{"type":"integer"}`, `1e9`, []string{"the answer is number, want integer"}},
		{"one of two types", `{"type":["string","null"]}`, `null`, nil},
		{"nullable", `{"type":"string","nullable":true}`, `null`, nil},
		{"null", `{"type":"string"}`, `null`, []string{"the answer is null, want string"}},
		{"nothing", `{"type":"string"}`, ``, []string{"the answer is nothing, want string"}},
		{"anything", `{}`, `[1]`, nil},
		{"a word of the list", `{"enum":["a","b"]}`, `"b"`, nil},
		{"another word", `{"enum":["a","b"]}`, `"c"`, []string{`the answer is "c", which is not in the list`}},
		{"a member is missing", `{"required":["a","b"]}`, `{"b":1}`, []string{"a is missing"}},
		{"a member inside", `{"properties":{"a":{"required":["b"]}}}`, `{"a":{}}`, []string{"a.b is missing"}},
		{"members that are not named", `{"additionalProperties":{"type":"integer"}}`, `{"x":1,"y":"2"}`, []string{"y is string, want integer"}},
		{"any members", `{"properties":{"a":{"type":"string"}},"additionalProperties":true}`, `{"x":1,"a":true}`, []string{"a is boolean, want string"}},
		{"elements", `{"items":{"type":"string"}}`, `["a",1,{}]`, []string{"[1] is integer, want string", "[2] is object, want string"}},
		{"all of two", `{"allOf":[{"required":["a"]},{"required":["b"]}]}`, `{}`, []string{"a is missing", "b is missing"}},
		{"any of two", `{"anyOf":[{"type":"string"},{"type":"array"}]}`, `[]`, nil},
		{"none of two", `{"anyOf":[{"type":"string"},{"type":"array"}]}`, `1`, []string{"the answer is integer, want string"}},
		{"the first choice", job, `{"status":"success","id":1,"output":["a"]}`, nil},
		{"the second choice", job, `{"status":"processing","eta":1.5}`, nil},
		{"the choice by its status", job, `{"status":"success","id":"1","output":"","eta":""}`, []string{"id is string, want integer", "output is string, want array"}},
		{"a reference", `{"$ref":"#/components/schemas/S"}`, `1`, []string{"the answer is integer, want string"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var d document
			require.NoError(t, json.Unmarshal([]byte(`{"components":{"schemas":{"S":{"type":"string"}}}}`), &d))
			s := new(schema)
			require.NoError(t, json.Unmarshal([]byte(tt.schema), s))
			got, err := d.faults(s, json.RawMessage(tt.value), "")
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
}

func TestSchemasThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for text, value := range map[string]string{
		`{"$ref":"#/components/schemas/None"}`: `1`, `{"allOf":[{"$ref":"#/x"}]}`: `1`, `{"anyOf":[{"$ref":"#/x"}]}`: `1`,
		`{"items":{"$ref":"#/x"}}`: `[1]`, `{"properties":{"a":{"$ref":"#/x"}}}`: `{"a":1}`,
	} {
		s := new(schema)
		require.NoError(t, json.Unmarshal([]byte(text), s))
		_, err := new(document).faults(s, json.RawMessage(value), "")
		require.ErrorContains(t, err, "unknown reference", text)
	}
}

// answered is a file with one operation and the schemas of its answers by status.
func answered(path, answers string) string {
	return strings.Replace(spec(path, `"prompt"`, `"prompt":{"type":"string"},"model_id":{"type":"string"}`),
		`"requestBody"`, `"responses":{`+answers+`},"requestBody"`, 1)
}

func content200(schema string) string {
	return `"200":{"content":{"application/json":{"schema":` + schema + `}}}`
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	const anything = `{"type":"object"}`
	file := func(path, answers string) string {
		return strings.Replace(answered(path, answers), "/api/v9", "/api", 1)
	}
	for _, tt := range []struct {
		name  string
		files []string
		want  []string
	}{
		{"a submit", []string{file("/v6/video/text2video", content200(`{"properties":{"id":{"type":"integer"},"eta":{"type":"string"}}}`))}, []string{
			"POST /v6/video/text2video: running: eta is integer, want string",
		}},
		{"a submit of two files", []string{
			file("/v6/video/text2video", content200(`{"properties":{"eta":{"type":"string"}}}`)), file("/v6/video/text2video", content200(anything)),
		}, nil},
		{"a fetch", []string{file("/v6/video/fetch/{id}", content200(`{"properties":{"status":{"enum":["success"]}}}`))}, []string{
			`POST /v6/video/fetch/{id}: running: status is "processing", which is not in the list`,
		}},
		{"a helper", []string{file("/wallet_balance", content200(`{"required":["balance"]}`))}, []string{"POST /wallet_balance: done: balance is missing"}},
		{"a refusal", []string{file("/wallet_balance", `"401":{"content":{"application/json":{"schema":{"required":["code"]}}}},`+content200(anything))}, []string{
			"POST /wallet_balance: refused: code is missing",
		}},
		{"a refusal by reference", []string{strings.Replace(file("/wallet_balance", `"400":{"$ref":"#/components/responses/Bad"}`), `{"servers"`,
			`{"components":{"responses":{"Bad":{"content":{"application/json":{"schema":{"required":["code"]}}}}}},"servers"`, 1)}, []string{
			"POST /wallet_balance: refused: code is missing",
		}},
		{"a training", []string{file("/v3/cancel_training/{training_id}", content200(`{"required":["data"]}`))}, []string{
			"POST /v3/cancel_training/{training_id}: done: data is missing",
		}},
		{"another place to fetch from", []string{strings.Replace(file("/v6/video/fetch", content200(anything)), `"post"`, `"put"`, 1)}, nil},
		{"a path that is not there", []string{file("/v5/images/fetch/{id}", content200(anything))}, []string{"POST /v5/images/fetch/{id}: not answered"}},
		{"what the client does not have either", []string{file("/v6/video/other", content200(anything))}, nil},
		{"no schema", []string{file("/wallet_balance", ``)}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ops, err := load(folder(t, tt.files...))
			require.NoError(t, err)
			got, err := answers(t.Context(), ops, endpoint.All())
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
	_, err := load(folder(t, file("/wallet_balance", `"400":{"$ref":"#/components/responses/Bad"}`)))
	require.ErrorContains(t, err, "unknown reference")
}

package endpoint

import "net/http"

// The workflow operations. Their key travels in a header.
var (
	WorkflowList = &Endpoint{
		Name: "WorkflowList", Method: http.MethodGet, Path: "/v1/workflows", Auth: AuthHeader, Source: Page,
	}
	WorkflowSchema = &Endpoint{
		Name: "WorkflowSchema", Method: http.MethodGet, Path: "/v1/workflows/{workflow_id}", Auth: AuthHeader, Source: Page,
	}
	WorkflowRun = &Endpoint{
		Name: "WorkflowRun", Kind: "workflow", Path: "/v1/workflows/{workflow_id}/run", Auth: AuthHeader, Source: Page,
		Webhook: true, TrackID: true, Method: http.MethodPost,
	}
	WorkflowCancel = &Endpoint{
		Name: "WorkflowCancel", Path: "/v1/workflows/{workflow_id}/runs/{execution_id}/cancel", Auth: AuthHeader, Source: Page, Change: true, Method: http.MethodPost,
	}
)

package modelslab

import (
	"context"
	"encoding/json"

	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/reply"
)

// SystemDetails returns how busy a dedicated server is. The server is named as
// in its path, "flux" or "ultra_video"; "root" is the one without a name.
//
// POST /api/v1/enterprise/{server}/system_details
// (https://docs.modelslab.com/enterprise-api/general/overview). Errors are *[Error].
func (s *AccountService) SystemDetails(ctx context.Context, server string, opts ...CallOption) (*SystemDetails, error) {
	a, err := s.admin(ctx, endpoint.SystemDetails, server, opts)
	if err != nil {
		return nil, err
	}
	return &SystemDetails{
		Status: a.Get("status").Text(), ModelCount: a.Get("model_count").Integer(), QueueTime: a.Get("queue_time").Number(),
		Raw: a.Raw(),
	}, nil
}

// SystemDetails is the state of a dedicated server.
type SystemDetails struct {
	Status     string // "ok"
	ModelCount int
	QueueTime  float64 // 0 when nothing waits; the API does not name its unit
	Raw        json.RawMessage
}

// RestartServer restarts a dedicated server, named as in [AccountService.SystemDetails].
//
// POST /api/v1/enterprise/{server}/restart_server
// (https://docs.modelslab.com/enterprise-api/general/overview). Errors are
// *[Error]. It is sent once: ErrUnavailable leaves open whether the server
// restarts.
func (s *AccountService) RestartServer(ctx context.Context, server string, opts ...CallOption) error {
	_, err := s.admin(ctx, endpoint.RestartServer, server, opts)
	return err
}

// UpdateServer updates the software of a dedicated server, named as in
// [AccountService.SystemDetails].
//
// POST /api/v1/enterprise/{server}/update_server
// (https://docs.modelslab.com/enterprise-api/general/overview). Errors are
// *[Error]. It is sent once: ErrUnavailable leaves open whether the server is
// updated.
func (s *AccountService) UpdateServer(ctx context.Context, server string, opts ...CallOption) error {
	_, err := s.admin(ctx, endpoint.UpdateServer, server, opts)
	return err
}

// ClearServerCache clears the cache of a dedicated server, named as in
// [AccountService.SystemDetails].
//
// POST /api/v1/enterprise/{server}/clear_cache
// (https://docs.modelslab.com/enterprise-api/general/overview). Errors are
// *[Error]. It is sent once: ErrUnavailable leaves open whether the cache was
// cleared.
func (s *AccountService) ClearServerCache(ctx context.Context, server string, opts ...CallOption) error {
	_, err := s.admin(ctx, endpoint.ClearServerCache, server, opts)
	return err
}

// ClearServerQueue drops the jobs that wait on a dedicated server, named as in
// [AccountService.SystemDetails], and restarts it.
//
// POST /api/v1/enterprise/{server}/clear_queue
// (https://docs.modelslab.com/enterprise-api/general/overview). Errors are
// *[Error]. It is sent once: ErrUnavailable leaves open whether the queue was
// cleared.
func (s *AccountService) ClearServerQueue(ctx context.Context, server string, opts ...CallOption) error {
	_, err := s.admin(ctx, endpoint.ClearServerQueue, server, opts)
	return err
}

func (s *AccountService) admin(ctx context.Context, op endpoint.Admin, server string, opts []CallOption) (reply.Value, error) {
	if server == "root" {
		return s.client.query(ctx, op.Root, nil, opts)
	}
	return s.client.query(ctx, op.Named, nil, opts, server)
}

package webhook

import (
	"encoding/json"
	"errors"

	deliveries "github.com/modelslab-go/modelslab/internal/delivery"
	"github.com/modelslab-go/modelslab/internal/token"
)

// busVersion is that of the messages' form. Others are dropped, so that replicas
// of two releases can share a bus.
const busVersion = 1

// busMessage says that the state of a job has changed. It stands on the bus as
// JSON behind a MAC.
type busMessage struct {
	Version int    `json:"v"`
	Origin  string `json:"origin"` // the handler that published it
	Kind    string `json:"kind,omitzero"`
	ID      string `json:"id,omitzero"`
	OtherID string `json:"other_id,omitzero"` // the id in the body, where it is another
	Track   []byte `json:"track,omitzero"`    // the track key; none without a track id
	Status  string `json:"status,omitzero"`
}

var (
	errBusUnverified = errors.New("webhook: a message of the bus is signed with none of the secrets")
	errBusUnreadable = errors.New("webhook: a message of the bus is not one of this version's")
	errBusTooLong    = errors.New("webhook: the job's ids are too long for a message of the bus")
)

func (m *busMessage) seal(key *token.Key) ([]byte, error) {
	text, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	text = key.Seal(text)
	if len(text) > MaxBusMessage {
		return nil, errBusTooLong
	}
	return text, nil
}

// openBusMessage reads what one of the keys sealed.
func openBusMessage(keys []*token.Key, text []byte) (m busMessage, err error) {
	if len(text) > MaxBusMessage {
		return m, errBusUnreadable
	}
	text, ok := token.Open(keys, text)
	if !ok {
		return m, errBusUnverified
	}
	if json.Unmarshal(text, &m) != nil || m.Version != busVersion || len(m.Track) != 0 && len(m.Track) != token.JobSize {
		return busMessage{}, errBusUnreadable
	}
	return m, nil
}

func (m *busMessage) identity() deliveries.Identity {
	return deliveries.Identity{Kind: m.Kind, ID: m.ID, OtherID: m.OtherID}
}

func (m *busMessage) track() (track token.JobKey) {
	copy(track[:], m.Track)
	return track
}

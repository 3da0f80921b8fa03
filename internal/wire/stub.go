package wire

// Replaced by the scanner.

import "encoding/json"

func BlankTokens(s string) string { return s }

func Object(data []byte, f func(name string, value []byte) error) error {
	var m map[string]json.RawMessage
	if err := json.Unmarshal(data, &m); err != nil {
		return err
	}
	for k, v := range m {
		if err := f(k, v); err != nil {
			return err
		}
	}
	return nil
}

package token

import "crypto/hmac"

// sealed is what the MAC of a message starts with, so that it can be none of a
// callback URL's token.
const sealed = "message\x00"

// Seal puts a MAC in front of a message between processes that share a secret.
func (k *Key) Seal(message []byte) []byte {
	return append(k.mac(append([]byte(sealed), message...), nil), message...)
}

// Open returns the message that one of the keys sealed. Every key is tried.
func Open(keys []*Key, text []byte) (message []byte, ok bool) {
	if len(text) < macSize {
		return nil, false
	}
	mac, message := text[:macSize], text[macSize:]
	data := append([]byte(sealed), message...)
	for _, k := range keys {
		if hmac.Equal(k.mac(data, nil), mac) {
			ok = true
		}
	}
	return message, ok
}

package wire_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/wire"
)

func TestBlankTokens(t *testing.T) {
	t.Parallel()
	token := strings.Repeat("Ab3-_Z", 9)[:52]
	blank := strings.Repeat("*", 52)
	every := strings.Repeat("azAZ09-_", 7)[:52]
	for _, tt := range []struct{ name, text, want string }{
		{"plain", `{"webhook":"https://h.example.com/cb?sig=` + token + `"}`, `{"webhook":"https://h.example.com/cb?sig=` + blank + `"}`},
		{"every kind of character", `sig=` + every + `&x`, `sig=` + blank + `&x`},
		{"among others", `cb?kind=video&sig=` + token + `&x=1`, `cb?kind=video&sig=` + blank + `&x=1`},
		{"escaped slashes", `https:\/\/h.example.com\/cb?sig=` + token, `https:\/\/h.example.com\/cb?sig=` + blank},
		{"percent", `u=cb%3Fsig%3D` + token + `%26x`, `u=cb%3Fsig%3D` + blank + `%26x`},
		{"percent, lower case", `sig%3d` + token, `sig%3d` + blank},
		{"percent twice", `sig%253D` + token, `sig%253D` + blank},
		{"percent thrice", `sig%25253d` + token, `sig%25253d` + blank},
		{"unicode", `\u0026sig\u003d` + token + `\u0026`, `\u0026sig\u003d` + blank + `\u0026`},
		{"unicode, upper case", `sig\u003D` + token, `sig\u003D` + blank},
		{"unicode percent", `sig\u00253D` + token, `sig\u00253D` + blank},
		{"two", `sig=` + token + ` sig=` + token, `sig=` + blank + ` sig=` + blank},
		{"longer", `sig=` + token + `Zz`, `sig=` + blank + `**`},
		{"at the end of the name", `sigsig=` + token, `sigsig=` + blank},
		{"shorter", `sig=` + token[:51] + `"`, `sig=` + token[:51] + `"`},
		{"hexadecimal digest", `sig=` + strings.Repeat("0aF4", 16), `sig=` + strings.Repeat("0aF4", 16)},
		{"no equals sign", `sig:` + token, `sig:` + token},
		{"with a link", `cb?sig=` + token + `&tl=Ab3-_Z&x=1`, `cb?sig=` + blank + `&tl=******&x=1`},
		{"with a link, percent", `sig%253D` + token + `%2526tl%253DAb3`, `sig%253D` + blank + `%2526tl%253D***`},
		{"with a link, unicode", `sig\u003d` + token + `\u0026tl\u003dAb3"`, `sig\u003d` + blank + `\u0026tl\u003d***"`},
		{"with another", `sig=` + token + `&ttl=30&tl=5`, `sig=` + blank + `&ttl=30&tl=5`},
		{"a link alone", `cb?tl=Ab3`, `cb?tl=Ab3`},
		{"another escape", `sig%3E` + token, `sig%3E` + token},
		{"cut short", `sig%25`, `sig%25`},
		{"nothing behind", `sig`, `sig`},
		{"another name", `signature=` + token, `signature=` + token},
		{"empty", ``, ``},
	} {
		text := []byte(tt.text)
		wire.BlankTokensInPlace(text)
		require.Equal(t, tt.want, wire.BlankTokens(tt.text), tt.name)
		require.Equal(t, tt.want, string(text), tt.name)
	}
}

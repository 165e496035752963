package authzen

import (
	"sync"

	"habilis/internal/text"
)

// A reason is said in two languages in every answer, thousands of times a second: each is
// printed once.
var (
	reasons sync.Map // of decision codes: []byte, `"code":…,"reason_user":…`
	fixes   sync.Map // of the codes of fixes: []byte, `"code":…,"words":…`
)

// appendSaid writes a code and its words; key is that of the text.
func appendSaid(b []byte, kept *sync.Map, code, name, key string) []byte {
	if said, ok := kept.Load(code); ok {
		bytes, _ := said.([]byte)
		return append(b, bytes...)
	}
	said := appendString([]byte(`"code":`), code)
	said = append(said, `,"`+name+`":{"fr":`...)
	said = appendString(said, text.For(text.FR).T(key))
	said = append(said, `,"en":`...)
	said = appendString(said, text.For(text.EN).T(key))
	said = append(said, '}')
	kept.Store(code, said)
	return append(b, said...)
}

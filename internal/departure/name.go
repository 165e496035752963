package departure

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// straight writes both apostrophes as one.
var straight = strings.NewReplacer("’", "'")

// SameName reports whether a typed name is the one that is shown (OFF-2). Two ways to write the
// same accents are equal, and so are the straight and the curly apostrophe; everything else
// counts: case, accents, hyphens, and spaces, those before and after included.
func SameName(shown, typed string) bool { return canonical(shown) == canonical(typed) }

func canonical(name string) string { return straight.Replace(norm.NFC.String(name)) }

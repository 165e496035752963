package review

import (
	"time"

	"habilis/internal/secret"
)

// Verified is what a signature that holds says.
type Verified struct {
	Use          string // secret.UseReview …
	Installation string // whose keys they are, by its address, as the file of the keys says
	Named        string // of the file of a review: the installation that its core names
	Key          string
	Fingerprint  string    // of that key: the file of the keys proves nothing of itself
	At           time.Time // when what is signed was made
	Review       string    // of the file of a review: which one
	People       int
	Erased       int // parts that were erased since
}

// Verify checks a file against a detached signature and a file of public keys: nothing else is needed,
// neither server nor database. Of the file of a review the core is signed, and its parts are what
// the core says, but for those that were erased. Errors: those of secret, and one that says that the
// file is none.
func Verify(file, signature, keys []byte) (Verified, error) {
	installation, list, err := secret.ReadPublicFile(keys)
	if err != nil {
		return Verified{}, err
	}
	s, err := secret.ReadSignatureFile(signature)
	if err != nil {
		return Verified{}, err
	}
	v := Verified{Use: s.Use, Installation: installation, Key: s.Key.String(), At: s.At}
	for _, p := range list {
		if p.ID == s.Key {
			v.Fingerprint = p.Fingerprint()
		}
	}
	if s.Use != secret.UseReview {
		return v, s.Verify(file, list)
	}
	d, err := parse(file)
	if err != nil {
		return v, err
	}
	v.Named, v.Review, v.People, v.Erased = d.Core.Installation, d.Core.Review.String(), len(d.Core.People), d.erased()
	return v, s.Verify(canonical(d.Core), list)
}

package app

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"habilis/internal/review"
	"habilis/internal/secret"
)

// maxSigned bounds, in bytes, a file whose signature is checked.
const maxSigned = 256 << 20

// Signed names what VerifySigned reads: a file, its detached signature, and the public keys of the
// installation that signed it.
type Signed struct{ File, Signature, Keys string }

// VerifySigned says whether a signature holds, of the file of an access review or of what an
// organisation took with it. It needs neither server, database nor key ring: it may be run on any
// machine. What does not hold is written to out, with ErrFound.
func VerifySigned(s Signed, out io.Writer) error {
	var read [3][]byte
	for i, path := range []string{s.File, s.Signature, s.Keys} {
		b, err := readBounded(path)
		if err != nil {
			return err
		}
		read[i] = b
	}
	v, err := review.Verify(read[0], read[1], read[2])
	if err != nil {
		fmt.Fprintf(out, "%s: the signature does not hold: %s\n", s.File, why(err))
		return ErrFound
	}
	fmt.Fprintf(out, "signed by %s with the key %s on %s\n", v.Installation, v.Key, v.At.Format(time.RFC3339))
	if v.Use == secret.UseReview {
		fmt.Fprintf(out, "access review %s of %d people, %d parts erased\n", v.Review, v.People, v.Erased)
	}
	fmt.Fprintln(out, "the signature holds")
	return nil
}

// why says in words what does not hold.
func why(err error) string {
	switch {
	case errors.Is(err, secret.ErrKeysShape):
		return "the file of public keys is not one, or it was altered"
	case errors.Is(err, secret.ErrSignatureShape):
		return "the signature file is not one, or it was altered"
	case errors.Is(err, secret.ErrSigner):
		return "the file of public keys does not hold the key that signed: it is of another installation, or older than the key"
	case errors.Is(err, secret.ErrSignature):
		return "it is of another file, or one of them was altered"
	}
	return "the file is not a review of Habilis, or it was altered"
}

func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	b, err := io.ReadAll(io.LimitReader(f, maxSigned+1))
	if err == nil && len(b) > maxSigned {
		err = fmt.Errorf("%s is larger than %d bytes", path, maxSigned)
	}
	return b, err
}

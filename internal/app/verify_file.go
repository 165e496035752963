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
// installation that signed it. Fingerprint, if it is not empty, is that of the one key which is believed.
type Signed struct{ File, Signature, Keys, Fingerprint string }

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
		fmt.Fprintf(out, "%q: the signature does not hold: %s\n", s.File, why(err))
		return ErrFound
	}
	fmt.Fprintf(out, "signed with the key %q on %s; the file of public keys says that it is of %q\n",
		v.Key, v.At.Format(time.RFC3339), v.Installation)
	fmt.Fprintf(out, "SHA-256 fingerprint of the key: %s\n", v.Fingerprint)
	if v.Use == secret.UseReview {
		fmt.Fprintf(out, "access review %q of %q, of %d people\n", v.Review, v.Named, v.People)
	}
	return s.believe(v, out)
}

// believe says whether the key that signed is to be believed: the one that was demanded, or else one of
// the installation that the file names. What the keys say of themselves, anybody may have written.
func (s Signed) believe(v review.Verified, out io.Writer) error {
	switch {
	case s.Fingerprint != "" && !secret.SameFingerprint(s.Fingerprint, v.Fingerprint):
		fmt.Fprintln(out, "the key is not the one of the fingerprint that was asked for: the file is not believed")
		return ErrFound
	case s.Fingerprint == "" && v.Use == secret.UseReview && v.Named != v.Installation:
		fmt.Fprintf(out, "the file names the installation %q, the keys name %q: ask there for the fingerprint of the key, and give it with "+
			"--key-fingerprint\n", v.Named, v.Installation)
		return ErrFound
	}
	holds := "the signature holds"
	if v.Erased > 0 {
		holds += fmt.Sprintf(", but for the parts that were erased since (%d)", v.Erased)
	}
	fmt.Fprintln(out, holds)
	if s.Fingerprint == "" {
		fmt.Fprintln(out, "compare the fingerprint with the one that the installation itself shows: the file of keys alone proves nothing")
	}
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

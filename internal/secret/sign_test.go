package secret_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"habilis/internal/secret"
)

// verifies is what a verifier without a server does.
func verifies(file, signature, keys []byte) error {
	_, list, err := secret.ReadPublicFile(keys)
	if err != nil {
		return err
	}
	d, err := secret.ReadSignatureFile(signature)
	if err != nil {
		return err
	}
	return d.Verify(file, list)
}

// AUD-3: what was signed verifies with the public keys alone, after a rotation too.
func TestSignatureVerifies(t *testing.T) {
	ring := secret.NewRing(noon)
	file := []byte("{\"people\":2}\n")
	before := ring.PublicFile("https://habilis.example.fr")
	signature := ring.SignatureFile(secret.UseReview, file, noon)
	if err := verifies(file, signature, before); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(signature, ring.SignatureFile(secret.UseReview, file, noon)) {
		t.Error("the same file gets two signatures")
	}
	if err := ring.Rotate(noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	after := ring.PublicFile("https://habilis.example.fr")
	if err := verifies(file, signature, after); err != nil {
		t.Errorf("after a rotation: %v", err)
	}
	later := ring.SignatureFile(secret.UseReview, file, noon)
	if err := verifies(file, later, before); !errors.Is(err, secret.ErrSigner) {
		t.Errorf("a key that the file does not hold: %v", err)
	}
	installation, list, err := secret.ReadPublicFile(after)
	if err != nil || installation != "https://habilis.example.fr" || len(list) != 2 || list[1].ID != ring.Current() {
		t.Errorf("read %q %v %v", installation, list, err)
	}
}

// Each use signs for itself; another installation's keys verify nothing, even under the same name.
func TestSignatureOfAnother(t *testing.T) {
	ring, other := secret.NewRing(noon), secret.NewRing(noon)
	file := []byte("a file")
	signature := ring.SignatureFile(secret.UseReview, file, noon)
	if err := verifies(file, signature, other.PublicFile("https://habilis.example.fr")); !errors.Is(err, secret.ErrSigner) {
		t.Errorf("another installation: %v", err)
	}
	if err := verifies([]byte("another file"), signature, ring.PublicFile("x")); !errors.Is(err, secret.ErrSignature) {
		t.Errorf("the signature of another file: %v", err)
	}
	s := ring.Sign(secret.UseReview, file)
	p := ring.PublicKeys()[0]
	if !p.Verify(secret.UseReview, file, s) || p.Verify(secret.UseExit, file, s) || p.Verify(secret.UseReview, []byte("b"), s) {
		t.Error("a signature holds for another use or file, or not for its own")
	}
	if q := other.PublicKeys()[0]; (secret.PublicKey{ID: p.ID, Key: q.Key}).Verify(secret.UseReview, file, s) {
		t.Error("a key under another's name verifies")
	}
	if p.Verify(secret.UseReview, file, secret.Signature{Key: p.ID}) {
		t.Error("an empty signature verifies")
	}
}

// AUD-3: every change of one byte, of the file, of its signature or of the keys, is refused.
func TestSignatureOneByte(t *testing.T) {
	ring := secret.NewRing(noon)
	if err := ring.Rotate(noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	parts := [][]byte{[]byte("{\"people\":[\"mbr_1\",\"mbr_2\"]}\n"), nil, ring.PublicFile("https://habilis.example.fr")}
	parts[1] = ring.SignatureFile(secret.UseReview, parts[0], noon)
	if err := verifies(parts[0], parts[1], parts[2]); err != nil {
		t.Fatal(err)
	}
	for i, part := range parts {
		for at := range part {
			altered := [][]byte{parts[0], parts[1], parts[2]}
			altered[i] = bytes.Clone(part)
			altered[i][at] ^= 1
			if verifies(altered[0], altered[1], altered[2]) == nil {
				t.Errorf("part %d, byte %d changed, and it holds", i, at)
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		i := rapid.IntRange(0, 2).Draw(t, "part")
		at := rapid.IntRange(0, len(parts[i])-1).Draw(t, "at")
		with := rapid.Byte().Draw(t, "with")
		altered := [][]byte{parts[0], parts[1], parts[2]}
		switch rapid.IntRange(0, 2).Draw(t, "how") {
		case 0:
			if parts[i][at] == with {
				return
			}
			altered[i] = bytes.Clone(parts[i])
			altered[i][at] = with
		case 1: // put in
			altered[i] = append(append(bytes.Clone(parts[i][:at]), with), parts[i][at:]...)
		case 2: // taken out
			altered[i] = append(bytes.Clone(parts[i][:at]), parts[i][at+1:]...)
		}
		if verifies(altered[0], altered[1], altered[2]) == nil {
			t.Fatalf("part %d altered at %d, and it holds", i, at)
		}
	})
}

func FuzzSignatureFiles(f *testing.F) {
	ring := secret.NewRing(noon)
	f.Add(ring.SignatureFile(secret.UseReview, []byte("x"), noon))
	f.Add(ring.PublicFile("x"))
	f.Fuzz(func(t *testing.T, b []byte) {
		other := secret.NewRing(noon)
		if verifies(b, b, b) == nil || verifies([]byte("x"), b, other.PublicFile("x")) == nil {
			t.Error("strange bytes verify")
		}
	})
}

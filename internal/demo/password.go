package demo

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strings"

	"habilis/internal/app"
	"habilis/internal/secret"
)

// passwordFile keeps the password, so that a restart prints the same.
const passwordFile = "demo-password"

// words make passwords that can be read aloud; a demonstration is open to this
// machine only.
var words = []string{
	"abeille", "abricot", "agate", "alouette", "amande", "ardoise", "aubier", "avoine", "balcon", "bambou", "barque", "bergerie", "bleuet",
	"bocage", "bouleau", "brioche", "brume", "cabane", "cailloux", "cannelle", "capucine", "cascade", "cerise", "chaloupe", "charrue",
	"chemin", "cigale", "citron", "clairon", "colline", "coquille", "corail", "crayon", "dentelle", "dune", "ferme", "figue", "fontaine",
	"fougere", "galet", "girafe", "grange", "grenier", "hamac", "herisson", "hirondelle", "jardin", "jasmin", "lanterne", "lavande",
	"loutre", "marelle", "menthe", "mimosa", "moulin", "muguet", "noisette", "ombrelle", "oseille", "panier", "papillon", "pivoine",
	"pommier", "praline", "renard", "rivage", "roseau", "sentier", "tilleul", "tournesol", "trefle", "verger", "violette", "voilier",
}

// wordsInPassword gives 6 bits each.
const wordsInPassword = 4

// choosePassword takes the password of the command line, or the one kept, or a new
// one. changed says that it is not the one the accounts have.
func choosePassword(c app.Config) (_ secret.Text, changed bool, err error) {
	b, err := os.ReadFile(filepath.Join(c.Data, passwordFile))
	kept := secret.NewText(strings.TrimSpace(string(b)))
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return kept, false, err
	case !c.DemoPassword.IsZero():
		return c.DemoPassword, !c.DemoPassword.Equal(kept), nil
	case !kept.IsZero():
		return kept, false, nil
	}
	drawn, err := draw()
	return drawn, true, err
}

func draw() (secret.Text, error) {
	parts := make([]string, wordsInPassword)
	for i := range parts {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(words))))
		if err != nil {
			return secret.Text{}, err
		}
		parts[i] = words[n.Int64()]
	}
	return secret.NewText(strings.Join(parts, "-")), nil
}

package org

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"habilis/internal/fault"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Slugs stand in URLs and people read them: lower case, digits, single dashes.
var slugShape = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// reserved slugs would be taken for a page of ours or for the vendor.
var reserved = []string{
	"account", "admin", "api", "app", "assets", "dev", "habilis", "help", "login", "me", "new", "null", "o",
	"organization", "organizations", "platform", "register", "security", "static", "support", "system", "www",
}

// fallbackSlug is for a name that has no letter of the Latin alphabet.
const fallbackSlug = "organisation"

// Slugify makes a slug from a name: «Maison de santé des Tilleuls» gives
// "maison-de-sante-des-tilleuls". It may be taken already.
func Slugify(name string) string {
	slug := ""
	for _, word := range text.FoldWords(name) {
		word = latin(word)
		if word == "" || len(slug)+1+len(word) > MaxSlug {
			continue
		}
		slug = strings.TrimPrefix(slug+"-"+word, "-")
	}
	if len(slug) < MinSlug || slices.Contains(reserved, slug) {
		return fallbackSlug
	}
	return slug
}

func latin(word string) string {
	return strings.Map(func(r rune) rune {
		if (r >= 'a' && r <= 'z') || (r >= '0' && r <= '9') {
			return r
		}
		return -1
	}, word)
}

// checkSlug refuses a slug that somebody chose, at the field "slug".
func checkSlug(slug string) error {
	switch {
	case len(slug) < MinSlug || len(slug) > MaxSlug || !slugShape.MatchString(slug):
		return fault.OnField("slug", "org.slug_malformed", "Max", MaxSlug)
	case slices.Contains(reserved, slug):
		return ErrSlugTaken
	}
	return nil
}

// freeSlug gives the slug made from name, with the first number that makes it
// free when others have it.
func freeSlug(ctx context.Context, tx *store.Tx, name string) (string, error) {
	slug := Slugify(name)
	for n := 2; ; n++ {
		taken, err := slugTaken(ctx, tx, slug)
		if err != nil || !taken {
			return slug, err
		}
		tail := "-" + strconv.Itoa(n)
		base := Slugify(name)
		slug = strings.TrimRight(base[:min(len(base), MaxSlug-len(tail))], "-") + tail
	}
}

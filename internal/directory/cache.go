package directory

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"habilis/internal/store"
)

// Bounds of the cache of the API's answers.
const (
	CacheFresh  = 6 * time.Hour      // an answer this young is not asked for again
	CacheKeep   = 7 * 24 * time.Hour // and may be confirmed by its ETag for this long
	MaxCached   = 20_000             // answers
	maxCachedKB = 64                 // larger answers are not kept
)

// page is one answer of the API, as it was read.
type page struct {
	url  string
	body []byte
	etag string
	at   time.Time
}

// cache keeps answers that a whole look-up found good. It may always be empty: a cache
// that fails is one that knows nothing.
type cache struct {
	db  *store.DB
	log *slog.Logger
}

// get reads an answer; false when there is none.
func (c cache) get(ctx context.Context, url string) (p page, found bool) {
	if c.db == nil {
		return page{}, false
	}
	err := c.db.Read(ctx, func(tx *store.Tx) (err error) {
		p, found, err = readCached(ctx, tx, url)
		return err
	})
	if err != nil {
		c.log.Warn("directory: reading the cache", "err", err)
		return page{}, false
	}
	return p, found && c.db.Now().Sub(p.at) < CacheKeep
}

// put keeps answers.
func (c cache) put(ctx context.Context, pages []page) {
	if c.db == nil || len(pages) == 0 {
		return
	}
	err := c.db.Write(ctx, []store.Lock{cacheLock}, func(tx *store.Tx) error {
		for _, p := range pages {
			if len(p.body) > maxCachedKB<<10 {
				continue
			}
			if err := writeCached(ctx, tx, p); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, context.Canceled) {
		c.log.Warn("directory: writing the cache", "err", err)
	}
}

// fresh reports whether the page need not be asked for again.
func (c cache) fresh(p page) bool { return c.db.Now().Sub(p.at) < CacheFresh }

const cacheLock store.Lock = "directory cache"

// SweepCache removes answers that are too old or too many; the timetable calls it.
func SweepCache(ctx context.Context, db *store.DB) error {
	return db.Write(ctx, []store.Lock{cacheLock}, func(tx *store.Tx) error {
		if err := dropCached(ctx, tx, tx.Now.Add(-CacheKeep)); err != nil {
			return err
		}
		return dropBeyond(ctx, tx, MaxCached)
	})
}

package notify

import (
	"context"

	"habilis/internal/departure"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/org"
	"habilis/internal/store"
)

// KindSiteRemoved is the letter to who was removed from a site (OFF-4).
const KindSiteRemoved Kind = "site_removed"

// WriteSiteRemoved tells that somebody is no longer of a site, f.Site, and what it means.
func WriteSiteRemoved(to Recipient, f AdministrationFacts) (Letter, error) {
	w := write(KindSiteRemoved, to, &f.Org, map[string]any{"By": f.By, "Site": f.Site, "At": f.At})
	w.say("intro", "ends", "keep")
	w.openYourself()
	return w.end("rights", f.Contact)
}

// siteRemoved tells it, unless they belong to the site again, or it was closed since.
var siteRemoved = letter(
	func(l departure.SiteLetter) (ident.Org, ident.Member) { return l.Org, l.Member },
	func(ctx context.Context, tx *store.Tx, j job.Job, l departure.SiteLetter, to addressee) (Letter, error) {
		site, err := org.GetSite(ctx, tx, l.Org, l.Site)
		if fault.Is(err, fault.NotFound) {
			return Letter{}, errMoot
		}
		if err != nil {
			return Letter{}, err
		}
		back, err := departure.Belongs(ctx, tx, l.Org, l.Member, l.Site)
		if err != nil {
			return Letter{}, err
		}
		if back || !to.inForce() {
			return Letter{}, errMoot
		}
		return WriteSiteRemoved(recipient(to.account), AdministrationFacts{Org: to.org, By: to.by(l.By), Site: site.Name, At: j.Created})
	})

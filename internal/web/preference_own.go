package web

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"habilis/internal/preference"
	"habilis/internal/setting"
)

// ownParts writes what is somebody's own, part by part, the alerts one by one; what is inherited
// is not there. It lets a change of somebody else be seen part by part (CHG-1).
func ownParts(o preference.Own) (map[string]string, error) {
	parts := map[string]string{}
	for part, own := range map[setting.Part]any{
		setting.PartLanguage: o.Language, setting.PartCalendar: o.Calendar, setting.PartWorkingHours: o.WorkingHours,
		setting.PartSignature: o.Signature, setting.PartSession: o.Session,
	} {
		if o.Has(part) {
			b, err := json.Marshal(own)
			if err != nil {
				return nil, err
			}
			parts[string(part)] = string(b)
		}
	}
	for alert, s := range o.Notifications {
		s.Sites = slices.Sorted(slices.Values(s.Sites))
		b, err := json.Marshal(s)
		if err != nil {
			return nil, err
		}
		parts[alertPart+string(alert)] = string(b)
	}
	return parts, nil
}

// ownDiffering are the parts that are not the same in two, in the order of the pages.
func ownDiffering(a, b preference.Own) ([]string, error) {
	of, err := ownParts(a)
	if err != nil {
		return nil, err
	}
	to, err := ownParts(b)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, part := range everyPart() {
		if of[part] != to[part] {
			list = append(list, part)
		}
	}
	return list, nil
}

// everyPart are all the parts, the alerts one by one.
func everyPart() []string {
	var list []string
	for _, p := range setting.Parts {
		if p != setting.PartNotifications {
			list = append(list, string(p))
			continue
		}
		for _, a := range setting.Alerts {
			list = append(list, alertPart+string(a))
		}
	}
	return list
}

// editTo is the change that makes some parts what they are in o.
func editTo(o preference.Own, parts []string) preference.Edit {
	e := preference.Edit{Notifications: map[setting.Alert]preference.Change[preference.Subscription]{}}
	for _, part := range parts {
		switch setting.Part(part) {
		case setting.PartLanguage:
			e.Language = changeTo(o.Language)
		case setting.PartCalendar:
			e.Calendar = changeTo(o.Calendar)
		case setting.PartWorkingHours:
			e.WorkingHours = changeTo(o.WorkingHours)
		case setting.PartSignature:
			e.Signature = changeTo(o.Signature)
		case setting.PartSession:
			e.Session = changeTo(o.Session)
		case setting.PartNotifications:
		default:
			alert := setting.Alert(strings.TrimPrefix(part, alertPart))
			e.Notifications[alert] = preference.Back[preference.Subscription]()
			if s, own := o.Notifications[alert]; own {
				e.Notifications[alert] = preference.To(s)
			}
		}
	}
	return e
}

func changeTo[T any](own *T) preference.Change[T] {
	if own == nil {
		return preference.Back[T]()
	}
	return preference.To(*own)
}

// takeParts makes some parts of one what they are in another.
func takeParts(to, from preference.Own, parts []string) preference.Own {
	to.Notifications = maps.Clone(to.Notifications)
	if to.Notifications == nil {
		to.Notifications = map[setting.Alert]preference.Subscription{}
	}
	for _, part := range parts {
		switch setting.Part(part) {
		case setting.PartLanguage:
			to.Language = from.Language
		case setting.PartCalendar:
			to.Calendar = from.Calendar
		case setting.PartWorkingHours:
			to.WorkingHours = from.WorkingHours
		case setting.PartSignature:
			to.Signature = from.Signature
		case setting.PartSession:
			to.Session = from.Session
		case setting.PartNotifications:
		default:
			alert := setting.Alert(strings.TrimPrefix(part, alertPart))
			delete(to.Notifications, alert)
			if s, own := from.Notifications[alert]; own {
				to.Notifications[alert] = s
			}
		}
	}
	return to
}

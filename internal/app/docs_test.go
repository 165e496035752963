package app_test

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/app"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/dossier"
	"habilis/internal/event"
	"habilis/internal/invitation"
	"habilis/internal/job"
	"habilis/internal/login"
	"habilis/internal/member"
	"habilis/internal/paper"
	"habilis/internal/privacy"
	"habilis/internal/session"
	"habilis/internal/store"
	"habilis/internal/token"
	"habilis/internal/webhook"
)

const manual = "../../docs/operations.md"

// settings are the rows of the table of settings, as the struct has them.
func settings(t reflect.Type) []string {
	var rows []string
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			rows = append(rows, settings(f.Type)...)
			continue
		}
		help, ok := f.Tag.Lookup("help")
		if !ok {
			continue
		}
		name := f.Tag.Get("name")
		if name == "" {
			name = strings.ToLower(f.Name)
		}
		value := f.Tag.Get("default")
		if value == "" {
			value = "—"
		}
		help = strings.ReplaceAll(help, "${enum}", strings.ReplaceAll(f.Tag.Get("enum"), ",", ", "))
		rows = append(rows, fmt.Sprintf("| `--%s` | `HABILIS_%s` | %s | %s |", name, strings.ToUpper(strings.ReplaceAll(name, "-", "_")), value, help))
	}
	return rows
}

// limits are the rows of the table of limits, as the constants have them.
func limits() []string {
	row := func(what string, value any) string { return fmt.Sprintf("| %s | %v |", what, said(value)) }
	return []string{
		row("A consultation of the database", store.ReadTime),
		row("Waiting for an organisation's turn to write", store.LockWait),
		row("Waiting for COMMIT before the outcome is told as unknown", store.CommitWait),
		row("Connections to PostgreSQL of one server, reading and writing", store.ReadConns+store.LongConns+store.WriteConns),
		row("Headers of a request, to arrive", app.HeaderTime),
		row("A whole request, to arrive", app.BodyTime),
		row("An answer, to be taken", app.AnswerTime),
		row("A connection without request", app.IdleTime),
		row("Bytes of headers", app.HeaderBytes),
		row("Stopping, from SIGTERM to the end", app.StopTime),
		row("Clock of a server and of its database, apart", app.MaxSkew),
		row("Signed head of an audit chain: every", audit.HeadEvery),
		row("… or every so many rows", audit.HeadRows),
		row("Sensitive acts ask for the password again after", access.StepUpAge),
		row("Session without request", session.Idle),
		row("… of an administrator or of support", session.IdleAdmin),
		row("Session, at most", session.Absolute),
		row("Sessions of one person", session.MaxSessions),
		row("Failed passwords before a wait", credential.WaitAfter),
		row("Failed passwords in a day that lock the password", credential.LockAt),
		row("Link that sets a new password", credential.ResetLife),
		row("Set-up link of a platform administrator", credential.SetUpLife),
		row("Invitation", invitation.Life),
		row("Temporary password", invitation.TemporaryLife),
		row("Code by SMS", credential.CodeLife),
		row("Tries of one code by SMS", credential.CodeTries),
		row("Codes by SMS of one account in an hour", login.CodesPerHour),
		row("Requests to take every second factor, of one account in a day", login.LossesPerAccount),
		row("… from one network address in an hour", login.LossesPerAddress),
		row("… done after", credential.Delay),
		row("Messages by SMS in a day (raised by `--sms-per-day`)", login.MessagesPerDay),
		row("… of them, to those who register: one in", login.StrangersShare),
		row("… to one number of somebody who registers, in a day", login.CodesPerNumber),
		row("… asked for from one network address by those who register, in a day", login.CodesPerNetwork),
		row("Registrations begun from one network address in an hour", dossier.RegistrationsPerAddress),
		row("… by one account in a day", dossier.RegistrationsPerAccount),
		row("… letters to one mailbox in a day", dossier.RegistrationLetters),
		row("Codes to MSSanté mailboxes of one registration in a day", dossier.MailboxLetters),
		row("… to one mailbox in a day, whoever asks", dossier.MailboxLettersToAddress),
		row("… of them, asked for from one network address", dossier.MailboxLettersOfNetwork),
		row("Steps of one registration in a day", dossier.RegistrationActs),
		row("Numbers of others that one registration claims in a day", dossier.RegistrationClaims),
		row("… claimed from one network address in a day", dossier.ClaimsPerAddress),
		row("A registration without a person, kept", dossier.RegistrationBegun),
		row("A registration that was never sent, kept after its last step", dossier.RegistrationLife),
		row("Invitations of one organisation in a day (raised by `--invitations-per-day`)", invitation.MaxPerDayOrg),
		row("Invitations to one address in a day, in one organisation", invitation.MaxPerDayAddress),
		row("Addresses in one act of inviting", invitation.MaxPerRequest),
		row("Papers of one file", dossier.MaxDocuments),
		row("Papers of one person, in MiB", dossier.MaxPersonBytes>>20),
		row("One paper, in MiB", paper.MaxBytes>>20),
		row("Papers received at a time, of one server", paper.AtOnce),
		row("A paper, to arrive", paper.ReceiveTime),
		row("Papers that nobody decided on, kept", dossier.KeptUndecided),
		row("An erasure of an account, asked for in writing, begins after", privacy.ErasureWait),
		row("… waiting at a time, on the whole installation", privacy.MaxErasuresAsked),
		row("Members on one page", member.MaxPageSize),
		row("API token, by default", token.DefaultLife),
		row("API token, at most", token.MaxLife),
		row("Idempotency key", action.KeyKept),
		row("Events and their deliveries, kept", event.Kept),
		row("Webhooks of one organisation", webhook.MaxPerOrg),
		row("Tries of a delivery", len(webhook.Schedule)+1),
		row("A webhook that fails at everything is stopped after", webhook.GiveUpAfter),
		row("The former secret of a webhook, good for", webhook.Overlap),
		row("Tries of a letter before it is given up", job.MaxAttempts),
		row("Finished jobs, kept", job.KeptDone),
		row("Free disk below which `doctor` warns, in MiB", app.LowDisk>>20),
	}
}

// said writes a value as the manual does.
func said(v any) string {
	d, ok := v.(time.Duration)
	if !ok {
		return fmt.Sprint(v)
	}
	for _, u := range []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}} {
		if d >= u.size && d%u.size == 0 && (u.name != "d" || d > 48*time.Hour) {
			return fmt.Sprintf("%d %s", d/u.size, u.name)
		}
	}
	return d.String()
}

// TestManual: the tables of docs/operations.md are those of the code.
func TestManual(t *testing.T) {
	b, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	for table, rows := range map[string][]string{"settings": settings(reflect.TypeFor[app.Config]()), "limits": limits()} {
		for _, row := range rows {
			if !strings.Contains(string(b), row+"\n") {
				t.Errorf("the table of %s lacks this row:\n%s", table, row)
			}
		}
	}
	for line := range strings.Lines(string(b)) {
		if strings.HasPrefix(line, "| `--") && !strings.Contains(strings.Join(settings(reflect.TypeFor[app.Config]()), "\n"), strings.TrimSpace(line)) {
			t.Errorf("no setting has this row: %s", line)
		}
	}
}

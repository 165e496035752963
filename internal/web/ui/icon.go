package ui

import "habilis/internal/web/assets"

// IconName names one drawing of the sprite assets/icons.svg. The names are
// Phosphor's own (2.1, MIT), so that any of them can be looked up there; the
// suffix -fill is the solid drawing, kept for status chips (DESIGN §5).
// After adding one, run: node tools/icons.mjs PATH_OF_@phosphor-icons/core.
type IconName string

// The icons of the interface. A test checks that the sprite holds each of them.
const (
	IconArrowCounterClockwise IconName = "arrow-counter-clockwise"
	IconArrowLeft             IconName = "arrow-left"
	IconArrowRight            IconName = "arrow-right"
	IconBell                  IconName = "bell"
	IconBuildings             IconName = "buildings"
	IconCalendarDots          IconName = "calendar-dots"
	IconCaretDown             IconName = "caret-down"
	IconCaretLeft             IconName = "caret-left"
	IconCaretRight            IconName = "caret-right"
	IconCaretUp               IconName = "caret-up"
	IconCaretUpDown           IconName = "caret-up-down"
	IconChatCircleText        IconName = "chat-circle-text"
	IconCheck                 IconName = "check"
	IconCheckCircleFill       IconName = "check-circle-fill"
	IconCircle                IconName = "circle"
	IconCircleHalfFill        IconName = "circle-half-fill"
	IconClockCounterClockwise IconName = "clock-counter-clockwise"
	IconClockFill             IconName = "clock-fill"
	IconCopy                  IconName = "copy"
	IconDesktop               IconName = "desktop"
	IconDeviceMobile          IconName = "device-mobile"
	IconDoorOpen              IconName = "door-open"
	IconEnvelopeSimple        IconName = "envelope-simple"
	IconExport                IconName = "export"
	IconEye                   IconName = "eye"
	IconEyeSlash              IconName = "eye-slash"
	IconFingerprint           IconName = "fingerprint"
	IconFirstAidKit           IconName = "first-aid-kit"
	IconGear                  IconName = "gear"
	IconGlobe                 IconName = "globe"
	IconHandshake             IconName = "handshake"
	IconHourglass             IconName = "hourglass"
	IconHouse                 IconName = "house"
	IconIdentificationBadge   IconName = "identification-badge"
	IconIdentificationCard    IconName = "identification-card"
	IconInfoFill              IconName = "info-fill"
	IconKey                   IconName = "key"
	IconLink                  IconName = "link"
	IconList                  IconName = "list"
	IconListChecks            IconName = "list-checks"
	IconLock                  IconName = "lock"
	IconLockFill              IconName = "lock-fill"
	IconLockKey               IconName = "lock-key"
	IconLockSimple            IconName = "lock-simple"
	IconMagnifyingGlass       IconName = "magnifying-glass"
	IconMapPin                IconName = "map-pin"
	IconMinusCircleFill       IconName = "minus-circle-fill"
	IconPaperPlaneTilt        IconName = "paper-plane-tilt"
	IconPassword              IconName = "password"
	IconPencilSimple          IconName = "pencil-simple"
	IconPhone                 IconName = "phone"
	IconPlus                  IconName = "plus"
	IconProhibit              IconName = "prohibit"
	IconQuestion              IconName = "question"
	IconSealCheck             IconName = "seal-check"
	IconShieldCheck           IconName = "shield-check"
	IconSignOut               IconName = "sign-out"
	IconSlidersHorizontal     IconName = "sliders-horizontal"
	IconTrash                 IconName = "trash"
	IconTreeStructure         IconName = "tree-structure"
	IconUploadSimple          IconName = "upload-simple"
	IconUserPlus              IconName = "user-plus"
	IconUsers                 IconName = "users"
	IconUsersThree            IconName = "users-three"
	IconWarning               IconName = "warning"
	IconWarningCircle         IconName = "warning-circle"
	IconWarningCircleFill     IconName = "warning-circle-fill"
	IconWarningFill           IconName = "warning-fill"
	IconX                     IconName = "x"
	IconXCircleFill           IconName = "x-circle-fill"
)

// iconHref is the address of one drawing inside the hashed sprite.
func iconHref(name IconName) string {
	return assets.Path("icons.svg") + "#" + string(name)
}

package importers

// The kinds of personal data that columns are looked through for.
const (
	kindIdentity  = "identity-number"
	kindBank      = "bank-card"
	kindMobile    = "mobile"
	kindAddress   = "home-address"
	kindHealth    = "health"
	kindPolitics  = "politics"
	kindKeyPerson = "key-person"
)

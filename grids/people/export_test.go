package people

// Page is the query of a search's page.
var Page = Search.page

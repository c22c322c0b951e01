"""Due dates as iCalendar feeds: who subscribed with which token, and the calendar itself."""

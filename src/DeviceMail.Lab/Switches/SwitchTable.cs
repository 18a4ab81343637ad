using System.Globalization;

namespace DeviceMail.Lab.Switches;

/// <summary>The table of all switches, in the order of the page.</summary>
public static class SwitchTable
{
    private const string SignIn = "Sign-in", Refresh = "Staying signed in", Network = "Trouble on the way",
        Exchange = "Exchange Online", Limits = "Limits of Exchange Online", Graph = "Microsoft Graph", Script = "Scripted SMTP replies", Directory = "The organisation's directory";

    /// <summary>The group of the pretend scanner, whose page shows it too.</summary>
    public const string Scanner = "The pretend scanner";

    public static IReadOnlyList<LabSwitch> Rows { get; } =
    [
        .. In(SignIn,
        [
            Optional("poll-interval", "Seconds between polls", "The interval in the answer of the device code endpoint; empty leaves it out.",
                s => s.PollIntervalSeconds, (s, v) => s.PollIntervalSeconds = v),
            Number("device-code-seconds", "Life of a sign-in code, seconds", "Microsoft's value is 900.",
                s => s.DeviceCodeSeconds, (s, v) => s.DeviceCodeSeconds = v),
            Number("slow-down-next-polls", "Answer the next N polls with slow_down", "RFC 8628: the client must wait 5 seconds longer from then on.",
                s => s.SlowDownNextPolls, (s, v) => s.SlowDownNextPolls = v),
            OnOff("device-code-blocked", "A policy blocks device code",
                "The sign-in page says 53003; sessions that were born from device code are refused at refresh with 530036.",
                s => s.DeviceCodeBlocked, (s, v) => s.DeviceCodeBlocked = v),
            OnOff("user-consent-off", "Users may not consent", "Only an administrator can consent (90094), for the whole organisation.",
                s => s.UserConsentOff, (s, v) => s.UserConsentOff = v),
            OnOff("public-client-flows-off", "Public client flows are off", "Without a secret or a certificate the application is refused (7000218), device code always.",
                s => s.PublicClientFlowsOff, (s, v) => s.PublicClientFlowsOff = v),
            OnOff("single-tenant", "The application is single-tenant", "Through common or organizations it is refused (50194).",
                s => s.SingleTenantApplication, (s, v) => s.SingleTenantApplication = v),
            OnOff("client-secret-expired", "The client secret has expired", "The right secret is refused (7000222); a certificate still works.",
                s => s.ClientSecretExpired, (s, v) => s.ClientSecretExpired = v),
            OnOff("consent-wrong-tenant", "Admin consent names another tenant", "The answer of the admin consent page carries the ID of a tenant that is not this one.",
                s => s.ConsentWrongTenant, (s, v) => s.ConsentWrongTenant = v),
        ]),
        .. In(Refresh,
        [
            OnOff("token-revoked", "Sessions revoked", "Everything signed in before now is refused (50173), its access tokens too. Signing in again repairs it.",
                s => s.TokenRevoked, (s, v) => s.TokenRevoked = v),
            OnOff("expired-by-disuse", "Expired by disuse", "Refresh tokens of earlier sign-ins are refused as unused for 90 days (700082).",
                s => s.TokenExpiredByDisuse, (s, v) => s.TokenExpiredByDisuse = v),
            OnOff("sign-in-frequency", "Sign-in frequency", "Conditional Access finds earlier sign-ins too old (70043).",
                s => s.SignInFrequency, (s, v) => s.SignInFrequency = v),
            OnOff("remembered-mfa", "Remembered MFA too old", "The MFA of earlier sign-ins has run out (50078).",
                s => s.RememberedMfaTooOld, (s, v) => s.RememberedMfaTooOld = v),
            OnOff("consent-missing", "Consent withdrawn", "Earlier sign-ins have no consent any more (65001).",
                s => s.ConsentMissing, (s, v) => s.ConsentMissing = v),
            OnOff("access-tokens-expired", "Access tokens run out now", "Access tokens issued before now are refused by SMTP (535 5.7.3) and Graph (401); a refresh helps.",
                s => s.AccessTokensExpired, (s, v) => s.AccessTokensExpired = v),
            Number("refuse-refresh-with", "Refuse each refresh with AADSTS number", "For any other refusal, for example 50076, 530033 or 90094; 0 is off.",
                s => s.RefuseRefreshWith, (s, v) => s.RefuseRefreshWith = v),
            Number("access-token-seconds", "Life of an access token, seconds", "Microsoft's lie between 3600 and 5400.",
                s => s.AccessTokenSeconds, (s, v) => s.AccessTokenSeconds = v),
            Number("access-token-length", "Length of an access token, characters", "From 1000 to 12288; usual are 2000 to 3000.",
                s => s.AccessTokenLength, (s, v) => s.AccessTokenLength = Math.Clamp(v, 1000, 12_288)),
        ]),
        .. In(Network,
        [
            Number("token-throttled", "Throttle the sign-in service, seconds", "429 with this Retry-After; 0 is off.",
                s => s.TokenThrottledSeconds, (s, v) => s.TokenThrottledSeconds = v),
            OnOff("entra-unreachable", "Sign-in service unreachable", "The connection is closed without an answer.",
                s => s.EntraUnreachable, (s, v) => s.EntraUnreachable = v),
            OnOff("entra-unavailable", "Sign-in service unavailable", "503 with the error temporarily_unavailable.",
                s => s.EntraUnavailable, (s, v) => s.EntraUnavailable = v),
            OnOff("html-instead-of-json", "HTML instead of JSON", "A proxy's error page with status 200.",
                s => s.HtmlInsteadOfJson, (s, v) => s.HtmlInsteadOfJson = v),
            OnOff("smtp-unreachable", "SMTP unreachable", "The connection is closed before the greeting.",
                s => s.SmtpUnreachable, (s, v) => s.SmtpUnreachable = v),
            Choice("smtp-throttle", "Throttle SMTP", "Later: 451 4.7.500 at MAIL. Closing: 421 4.3.2 instead of the greeting.",
                s => s.SmtpThrottle, (s, v) => s.SmtpThrottle = v),
            Number("slow", "Wait before each answer, milliseconds", "Sign-in service, SMTP and Graph.",
                s => s.SlowMilliseconds, (s, v) => s.SlowMilliseconds = v),
            Number("drop-after-dot", "Lose the connection after the final dot of the next N messages", "The message is delivered; the reply is lost.",
                s => s.DropNextAfterDot, (s, v) => s.DropNextAfterDot = v),
        ]),
        .. In(Exchange,
        [
            OnOff("smtp-auth-off-organisation", "SMTP AUTH off for the organisation", "535 5.7.139 for every mailbox.",
                s => s.SmtpAuthOffForOrganisation, (s, v) => s.SmtpAuthOffForOrganisation = v),
            Text("smtp-auth-off-mailboxes", "SMTP AUTH off for mailboxes", "Addresses, separated by commas (535 5.7.139).",
                s => s.SmtpAuthOffForMailboxes, (s, v) => s.SmtpAuthOffForMailboxes = v),
            OnOff("security-defaults", "Security defaults", "SMTP AUTH counts as off (535 5.7.139).",
                s => s.SecurityDefaults, (s, v) => s.SecurityDefaults = v),
            OnOff("passwords-allowed", "Passwords allowed", "Basic authentication still works, with any password.",
                s => s.PasswordsAllowed, (s, v) => s.PasswordsAllowed = v),
            Number("refuse-next-auths", "Refuse the next N sign-ins", "535 5.7.3 although the token is good.",
                s => s.RefuseNextAuths, (s, v) => s.RefuseNextAuths = v),
            OnOff("send-as-denied", "Send As denied", "Every sender is refused after the data (554 5.2.252).",
                s => s.SendAsDenied, (s, v) => s.SendAsDenied = v),
            OnOff("over-quota", "Over quota", "The day's recipients are used up (554 5.2.0 SubmissionQuotaExceeded).",
                s => s.OverQuota, (s, v) => s.OverQuota = v),
            OnOff("mailbox-full", "Sender's mailbox is full", "Sent Items takes no more (554 5.2.2).",
                s => s.MailboxFull, (s, v) => s.MailboxFull = v),
        ]),
        .. In(Limits,
        [
            Number("concurrent-sends", "Concurrent sends of a mailbox", "Surplus gets 432 4.3.2 at the end of the data.",
                s => s.ConcurrentSends, (s, v) => s.ConcurrentSends = v),
            Number("messages-per-minute", "Messages a minute of a mailbox", "Exchange Online has 30; 0 is off.",
                s => s.MessagesPerMinute, (s, v) => s.MessagesPerMinute = v),
            Choice("minute-limit", "Surplus of a minute", "Microsoft's texts disagree: delayed, or refused with 432 4.3.2.",
                s => s.MinuteLimit, (s, v) => s.MinuteLimit = v),
            Number("recipients-per-day", "Recipients in 24 hours of a mailbox", "Beyond it 554 5.2.0 SubmissionQuotaExceeded.",
                s => s.RecipientsPerDay, (s, v) => s.RecipientsPerDay = v),
            Number("recipients-per-message", "Recipients of a message", "Beyond it 452 4.5.3.",
                s => s.RecipientsPerMessage, (s, v) => s.RecipientsPerMessage = v),
            Number("mailbox-megabytes", "Largest message of a mailbox, MB", "Beyond it 552 5.3.4, although the server announces 150 MB.",
                s => s.MailboxMegabytes, (s, v) => s.MailboxMegabytes = v),
            Number("idle-seconds", "Silence before the connection is closed, seconds", "421 4.4.2; 0 is never.",
                s => s.IdleSeconds, (s, v) => s.IdleSeconds = v),
        ]),
        .. In(Graph,
        [
            Number("graph-throttled", "Throttle Graph, seconds", "429 with this Retry-After; 0 is off.",
                s => s.GraphThrottledSeconds, (s, v) => s.GraphThrottledSeconds = v),
            OnOff("graph-unavailable", "Graph unavailable", "503 ServiceUnavailable.",
                s => s.GraphUnavailable, (s, v) => s.GraphUnavailable = v),
            OnOff("graph-unreachable", "Graph unreachable", "The connection is closed without an answer.",
                s => s.GraphUnreachable, (s, v) => s.GraphUnreachable = v),
            OnOff("graph-access-denied", "Graph denies access", "403 ErrorAccessDenied although the token carries the permission.",
                s => s.GraphAccessDenied, (s, v) => s.GraphAccessDenied = v),
            OnOff("graph-mailbox-missing", "No mailbox behind Graph", "404 MailboxNotEnabledForRESTAPI: the account has no licence.",
                s => s.GraphMailboxMissing, (s, v) => s.GraphMailboxMissing = v),
            Number("graph-lose-answer", "Lose the answer to the next N messages", "The message is delivered; the connection is closed without an answer.",
                s => s.GraphLoseNextAnswers, (s, v) => s.GraphLoseNextAnswers = v),
        ]),
        .. In(Directory,
        [
            OnOff("device-code-report-only", "A policy against device code is in report-only", "A policy of Microsoft's own, made 20 days ago, that will block device code later.",
                s => s.DeviceCodeReportOnly, (s, v) => s.DeviceCodeReportOnly = v),
            Number("directory-late", "The next N reads after a creation do not see it", "As when new objects have not reached all servers yet (404).",
                s => s.DirectoryLate, (s, v) => s.DirectoryLate = v),
            Number("directory-throttled", "Throttle the next N requests to the directory", "429 without Retry-After.",
                s => s.DirectoryThrottled, (s, v) => s.DirectoryThrottled = v),
            OnOff("assignment-required", "Users must be assigned to the application", "Who is not is refused at the sign-in page and at refresh (50105).",
                s => s.AssignmentRequired, (s, v) => s.AssignmentRequired = v),
            Text("assigned-people", "Assigned to the application", "Account names, separated by commas.",
                s => s.AssignedPeople, (s, v) => s.AssignedPeople = v),
        ]),
        .. In(Scanner,
        [
            Choice("scanner-sleep", "Asleep", "Silent: takes the connection and answers nothing until it is awake. Unreachable: closes the connection without an answer.",
                s => s.Scanner.Sleep, (s, v) => s.Scanner.Sleep = v),
            OnOff("scanner-cover-open", "The feeder's cover is open", "Status ScannerAdfHatchOpen; 409 for a job from the feeder.",
                s => s.Scanner.CoverOpen, (s, v) => s.Scanner.CoverOpen = v),
            Number("scanner-jam-at", "Jam once at sheet", "The job is aborted; this sheet and those behind it stay in the feeder. The jam is cleared on the scanner's page.",
                s => s.Scanner.JamAtSheet, (s, v) => s.Scanner.JamAtSheet = v),
            Number("scanner-cut-at", "Cut the connection once in the middle of page", "After half of its octets; its sheet goes back into the feeder.",
                s => s.Scanner.CutAtPage, (s, v) => s.Scanner.CutAtPage = v),
            Number("scanner-busy-jobs", "Busy for the next N jobs", "503 with Retry-After.",
                s => s.Scanner.BusyNextJobs, (s, v) => s.Scanner.BusyNextJobs = v),
            Number("scanner-busy-pages", "Not ready for the next N requests for a page", "503 with Retry-After.",
                s => s.Scanner.BusyNextPages, (s, v) => s.Scanner.BusyNextPages = v),
            Number("scanner-retry-after", "Seconds of Retry-After", "In both of the above.",
                s => s.Scanner.RetryAfterSeconds, (s, v) => s.Scanner.RetryAfterSeconds = v),
            Number("scanner-slow", "Wait in the middle of each page, milliseconds", "",
                s => s.Scanner.MillisecondsAPage, (s, v) => s.Scanner.MillisecondsAPage = v),
            OnOff("scanner-chunked", "Pages without Content-Length", "Chunked.",
                s => s.Scanner.LengthLeftOut, (s, v) => s.Scanner.LengthLeftOut = v),
            OnOff("scanner-relative-location", "Location without host", "Only the path of the new job.",
                s => s.Scanner.RelativeLocation, (s, v) => s.Scanner.RelativeLocation = v),
            Number("scanner-aborted-answer", "Answer to the next page of an aborted job", "Devices differ: 404, 409, 410 or 503.",
                s => s.Scanner.AbortedAnswer, (s, v) => s.Scanner.AbortedAnswer = v is 409 or 410 or 503 ? v : 404),
            OnOff("scanner-without-feeder", "Model without a feeder", "", s => s.Scanner.WithoutFeeder, (s, v) => s.Scanner.WithoutFeeder = v),
            OnOff("scanner-without-glass", "Model without a glass", "", s => s.Scanner.WithoutGlass, (s, v) => s.Scanner.WithoutGlass = v),
            OnOff("scanner-without-duplex", "Model that scans one side", "", s => s.Scanner.WithoutDuplex, (s, v) => s.Scanner.WithoutDuplex = v),
            OnOff("scanner-without-pdf", "Model without PDF", "", s => s.Scanner.WithoutPdf, (s, v) => s.Scanner.WithoutPdf = v),
        ]),
        .. In(Script, [.. Enum.GetValues<SmtpPhase>().Select(Scripted)]),
    ];

    public static LabSwitch? Find(string name) => Rows.FirstOrDefault(row => row.Name == name);

    private static IEnumerable<LabSwitch> In(string group, LabSwitch[] rows) => rows.Select(row => row with { Group = group });

    private static LabSwitch Scripted(SmtpPhase phase)
    {
        var name = phase.ToString().ToLowerInvariant();
        return new($"script-{name}", $"The next replies to {name}", $"A count and a reply, such as: 2 451 4.7.500 Server busy. {SmtpScripts.Drop} closes without a reply.", SwitchKind.Text)
        {
            Read = s => s.Scripts.Text(phase),
            Write = (s, text) => s.Scripts.TrySet(phase, text),
        };
    }

    private static LabSwitch OnOff(string name, string title, string explanation, Func<LabSwitches, bool> read, Action<LabSwitches, bool> write) =>
        new(name, title, explanation, SwitchKind.OnOff)
        {
            Read = s => read(s) ? "on" : "off",
            Write = (s, text) => Taken(ReadOnOff(text), value => write(s, value)),
        };

    private static LabSwitch Number(string name, string title, string explanation, Func<LabSwitches, int> read, Action<LabSwitches, int> write) =>
        new(name, title, explanation, SwitchKind.Number)
        {
            Read = s => read(s).ToString(CultureInfo.InvariantCulture),
            Write = (s, text) => Taken(ReadNumber(text), value => write(s, value)),
        };

    private static LabSwitch Optional(string name, string title, string explanation, Func<LabSwitches, int?> read, Action<LabSwitches, int?> write) =>
        new(name, title, explanation, SwitchKind.NumberOrNothing)
        {
            Read = s => read(s)?.ToString(CultureInfo.InvariantCulture) ?? "",
            Write = (s, text) =>
            {
                if (text.Trim().Length > 0)
                    return Taken(ReadNumber(text), value => write(s, value));
                write(s, null);
                return true;
            },
        };

    private static LabSwitch Choice<T>(string name, string title, string explanation, Func<LabSwitches, T> read, Action<LabSwitches, T> write)
        where T : struct, Enum =>
        new(name, title, explanation, SwitchKind.Choice)
        {
            Choices = [.. Enum.GetNames<T>().Select(choice => choice.ToLowerInvariant())],
            Read = s => read(s).ToString().ToLowerInvariant(),
            Write = (s, text) => Taken(ReadChoice<T>(text), value => write(s, value)),
        };

    private static LabSwitch Text(string name, string title, string explanation, Func<LabSwitches, string> read, Action<LabSwitches, string> write) =>
        new(name, title, explanation, SwitchKind.Text)
        {
            Read = read,
            Write = (s, text) =>
            {
                write(s, text.Trim());
                return true;
            },
        };

    private static bool Taken<T>(T? value, Action<T> write) where T : struct
    {
        if (value is not { } known)
            return false;
        write(known);
        return true;
    }

    private static bool? ReadOnOff(string text) => text.Trim().ToLowerInvariant() switch
    {
        "on" or "true" or "1" => true,
        "off" or "false" or "0" or "" => false,
        _ => null,
    };

    private static T? ReadChoice<T>(string text) where T : struct, Enum =>
        Enum.TryParse<T>(text, true, out var value) && Enum.IsDefined(value) ? value : null;

    private static int? ReadNumber(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
}

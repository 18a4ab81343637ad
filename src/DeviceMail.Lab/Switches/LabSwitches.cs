namespace DeviceMail.Lab.Switches;

/// <summary>How the disagreement of Microsoft's texts about the messages-per-minute limit is played: surplus waits, or is refused.</summary>
public enum MinuteLimit
{
    Delay,
    Reject,
}

public enum SmtpThrottle
{
    Off,

    /// <summary>451 4.7.500 at MAIL.</summary>
    Later,

    /// <summary>421 4.3.2 instead of the greeting.</summary>
    Closing,
}

/// <summary>
/// Everything that can be made to go wrong. Defaults are the healthy service.
/// Each property has its row in <see cref="SwitchTable"/>, which says what it does.
/// </summary>
public sealed class LabSwitches
{
    private readonly SessionMark _revoked, _disused, _frequency, _mfa, _consent, _accessExpired;
    private readonly Countdown _slowDown = new(), _refuseAuth = new(), _dropAfterDot = new(), _loseAnswer = new(), _directoryThrottle = new();
    private long _issued;

    public LabSwitches()
    {
        _revoked = new(() => _issued);
        _disused = new(() => _issued);
        _frequency = new(() => _issued);
        _mfa = new(() => _issued);
        _consent = new(() => _issued);
        _accessExpired = new(() => _issued);
    }

    public int? PollIntervalSeconds { get; set; } = 5;
    public int DeviceCodeSeconds { get; set; } = 900;
    public int SlowDownNextPolls { get => _slowDown.Remaining; set => _slowDown.Remaining = value; }
    public int AccessTokenSeconds { get; set; } = 4500;

    /// <summary>Characters, 1,000 to 12,288.</summary>
    public int AccessTokenLength { get; set; } = 2400;

    public bool TokenRevoked { get => _revoked.On; set => _revoked.On = value; }
    public bool TokenExpiredByDisuse { get => _disused.On; set => _disused.On = value; }
    public bool SignInFrequency { get => _frequency.On; set => _frequency.On = value; }
    public bool RememberedMfaTooOld { get => _mfa.On; set => _mfa.On = value; }
    public bool ConsentMissing { get => _consent.On; set => _consent.On = value; }
    public bool AccessTokensExpired { get => _accessExpired.On; set => _accessExpired.On = value; }
    public bool DeviceCodeBlocked { get; set; }
    public bool UserConsentOff { get; set; }
    public bool PublicClientFlowsOff { get; set; }
    public bool SingleTenantApplication { get; set; }
    public bool ClientSecretExpired { get; set; }
    public bool ConsentWrongTenant { get; set; }

    /// <summary>An AADSTS number; 0 is off.</summary>
    public int RefuseRefreshWith { get; set; }

    /// <summary>Seconds of Retry-After; 0 is off.</summary>
    public int TokenThrottledSeconds { get; set; }
    public bool EntraUnreachable { get; set; }
    public bool EntraUnavailable { get; set; }
    public bool HtmlInsteadOfJson { get; set; }
    public int SlowMilliseconds { get; set; }

    public bool SmtpAuthOffForOrganisation { get; set; }

    /// <summary>Addresses, separated by commas.</summary>
    public string SmtpAuthOffForMailboxes { get; set; } = "";
    public bool SecurityDefaults { get; set; }
    public bool PasswordsAllowed { get; set; }
    public int RefuseNextAuths { get => _refuseAuth.Remaining; set => _refuseAuth.Remaining = value; }
    public bool SendAsDenied { get; set; }
    public bool OverQuota { get; set; }
    public bool MailboxFull { get; set; }
    public SmtpThrottle SmtpThrottle { get; set; }
    public bool SmtpUnreachable { get; set; }
    public int DropNextAfterDot { get => _dropAfterDot.Remaining; set => _dropAfterDot.Remaining = value; }
    public int ConcurrentSends { get; set; } = 3;

    /// <summary>0 is off; Exchange Online has 30.</summary>
    public int MessagesPerMinute { get; set; }
    public MinuteLimit MinuteLimit { get; set; }
    public int RecipientsPerDay { get; set; } = 10_000;
    public int RecipientsPerMessage { get; set; } = 500;
    public int MailboxMegabytes { get; set; } = 35;

    /// <summary>Silence after which the connection is closed with 421; 0 is never.</summary>
    public int IdleSeconds { get; set; } = 300;
    public SmtpScripts Scripts { get; } = new();
    public bool DeviceCodeReportOnly { get; set; }

    /// <summary>How many reads after a creation do not see it yet.</summary>
    public int DirectoryLate { get; set; }
    public int DirectoryThrottled { get => _directoryThrottle.Remaining; set => _directoryThrottle.Remaining = value; }

    /// <summary>Seconds of Retry-After; 0 is off.</summary>
    public int GraphThrottledSeconds { get; set; }
    public bool GraphUnavailable { get; set; }
    public bool GraphUnreachable { get; set; }
    public bool GraphAccessDenied { get; set; }
    public bool GraphMailboxMissing { get; set; }
    public int GraphLoseNextAnswers { get => _loseAnswer.Remaining; set => _loseAnswer.Remaining = value; }

    public ScannerSwitches Scanner { get; } = new();

    /// <summary>Only those who are assigned to the application may sign in to it.</summary>
    public bool AssignmentRequired { get; set; }

    /// <summary>Addresses, separated by commas.</summary>
    public string AssignedPeople { get; set; } = "";

    /// <summary>Back to the healthy service.</summary>
    public void Reset()
    {
        var healthy = new LabSwitches();
        foreach (var row in SwitchTable.Rows)
            row.Write(this, row.Read(healthy));
    }

    internal long NextNumber() => Interlocked.Increment(ref _issued);
    internal bool Revoked(long session) => _revoked.Hits(session);
    internal bool Disused(long session) => _disused.Hits(session);
    internal bool TooSeldom(long session) => _frequency.Hits(session);
    internal bool MfaTooOld(long session) => _mfa.Hits(session);
    internal bool WithoutConsent(long session) => _consent.Hits(session);
    internal bool AccessExpired(long token) => _accessExpired.Hits(token);
    internal bool TakeSlowDown() => _slowDown.Take();
    internal bool TakeAuthRefusal() => _refuseAuth.Take();
    internal bool TakeDropAfterDot() => _dropAfterDot.Take();
    internal bool TakeLostAnswer() => _loseAnswer.Take();

    internal bool TakeDirectoryThrottle() => _directoryThrottle.Take();

    internal bool SmtpAuthOffFor(string mailbox) => Holds(SmtpAuthOffForMailboxes, mailbox);

    internal bool IsAssigned(string account) => !AssignmentRequired || Holds(AssignedPeople, account);

    private static bool Holds(string addresses, string address) => addresses
        .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Contains(address, StringComparer.OrdinalIgnoreCase);
}

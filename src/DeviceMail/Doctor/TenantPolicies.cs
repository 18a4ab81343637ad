using DeviceMail.Accounts;
using DeviceMail.Web;

namespace DeviceMail.Doctor;

/// <summary>What was found out about the organisation's policies.</summary>
/// <param name="Lines">For people.</param>
/// <param name="AreRead">Whether those on sign-ins by code could be read.</param>
/// <param name="End">The policy that ends a sign-in of the mailbox by code first; null: none, or none with a date.</param>
internal sealed record TenantPolicyFindings(IReadOnlyList<DoctorLine> Lines, bool AreRead, ForetoldEnd? End);

/// <summary>What the organisation's policies do to the mailbox today, and what they will do. They are read, never changed.</summary>
internal static class TenantPolicies
{
    internal const string DefaultsKey = "security-defaults", DeviceCodeKey = "device-code-policy";

    // Microsoft Entra, "Microsoft-managed policies": made in report-only, switched on after at least 45 days, announced 28 days before.
    private const string MicrosoftsOwn = "Microsoft-managed";
    private const int DaysInReportOnly = 45, DaysOfNotice = 28, LongestName = 120;

    private const string NotRead = "Somebody with the role Conditional Access Administrator, Security Reader or Global Reader may read them. The doctor finds out by the sign-in itself, once the mailbox has signed in.";

    public static async Task<TenantPolicyFindings> FindAsync(TenantGraph graph, TenantState state, TimeProvider time, CancellationToken cancel)
    {
        var (defaults, noDefaults) = await graph.FindAsync("policies/identitySecurityDefaultsEnforcementPolicy", GraphJson.Default.GraphDefaults, cancel);
        var (policies, noPolicies) = await graph.ListAsync("identity/conditionalAccess/policies", GraphJson.Default.GraphPageGraphPolicy, cancel);
        var now = time.GetUtcNow();
        IReadOnlyList<DoctorLine> lines =
        [
            Named(DefaultsKey, defaults is null ? Unread("Security defaults", noDefaults) : DefaultsLine(defaults.IsEnabled, state.Request.Mailbox)),
            .. policies is null ? [Named(DeviceCodeKey, Unread("Conditional Access policies", noPolicies))] : DeviceCodeLines(policies, state, now).Select(line => Named(DeviceCodeKey, line)),
        ];
        var hitting = (policies ?? []).Where(policy => BlocksDeviceCode(policy) && !Misses(policy, state.User.Id));
        return new TenantPolicyFindings(lines, policies is not null, hitting.Select(policy => EndOf(policy, now)).OfType<ForetoldEnd>().OrderByDescending(end => end.IsOn).ThenBy(end => end.At).FirstOrDefault());
    }

    private static DoctorLine DefaultsLine(bool areOn, string mailbox) => !areOn
        ? DoctorLine.Passed("Security defaults are off; they do not stand in the way of SMTP AUTH.")
        : DoctorLine.Failed($"Security defaults are on. While they are, Exchange Online counts SMTP AUTH as switched off for every mailbox, and refuses {mailbox} although all else is right.",
            "This program leaves them on: they protect the whole organisation. Sending through Microsoft Graph (Mail.Send) is not touched by them. Only for SMTP, an administrator replaces them:") with
        {
            Ways = [.. AuthSwitches.Ways(AuthSwitch.SecurityDefaults, mailbox)],
        };

    private static IEnumerable<DoctorLine> DeviceCodeLines(IReadOnlyList<GraphPolicy> policies, TenantState state, DateTimeOffset now)
    {
        var about = policies.Where(BlocksDeviceCode).ToList();
        return about.Count == 0 ? [DoctorLine.Passed("No policy blocks sign-ins by code, today or later as far as policies tell.")] : about.Select(policy => LineOf(policy, state, now));
    }

    private static DoctorLine LineOf(GraphPolicy policy, TenantState state, DateTimeOffset now)
    {
        var (name, mailbox) = (NameOf(policy), state.Request.Mailbox);
        if (Misses(policy, state.User.Id)) return DoctorLine.Passed($"The policy “{name}” is about sign-ins by code, and leaves {mailbox} out.");
        var remedy = $"A Conditional Access administrator opens Entra ID > Conditional Access > Policies > {name} > Users > Exclude, and excludes {mailbox} alone. This program changes no policy. A sign-in of the mailbox by browser is not hit by it.";
        if (IsOn(policy)) return DoctorLine.Failed($"The policy “{name}” blocks sign-ins by code today, also that of {mailbox}.", remedy);
        return DoctorLine.Warned($"The policy “{name}” only reports today and will block sign-ins by code{When(policy, now)}. A sign-in that was made by code ends then too (AADSTS530036), and mail is held.", remedy);
    }

    /// <summary>Null where an administrator decides the day, and nothing tells it.</summary>
    private static ForetoldEnd? EndOf(GraphPolicy policy, DateTimeOffset now) => IsOn(policy) ? new ForetoldEnd(now, NameOf(policy)) { IsOn = true }
        : EarliestOf(policy) is { } on ? new ForetoldEnd(on, NameOf(policy)) : null;

    /// <summary>When one of Microsoft's own is switched on at the earliest; null for others.</summary>
    private static DateTimeOffset? EarliestOf(GraphPolicy policy) =>
        policy.DisplayName?.StartsWith(MicrosoftsOwn, StringComparison.OrdinalIgnoreCase) == true ? policy.CreatedDateTime?.AddDays(DaysInReportOnly) : null;

    private static string When(GraphPolicy policy, DateTimeOffset now)
    {
        if (EarliestOf(policy) is not { } on) return " when an administrator switches it on";
        var told = on.AddDays(-DaysOfNotice);
        return on <= now
            ? $": it is one of Microsoft's own, and Microsoft may switch it on any day now (since {Words.Date(on)}), {DaysOfNotice} days after telling so"
            : $" from {Words.Date(on)} on at the earliest: it is one of Microsoft's own, which are switched on {DaysInReportOnly} days after they were made or later, and announced {DaysOfNotice} days before (from {Words.Date(told)} on)";
    }

    private static bool IsOn(GraphPolicy policy) => policy.State == "enabled";

    private static string NameOf(GraphPolicy policy) => policy.DisplayName is { Length: > 0 } name ? new([.. name.Where(one => !char.IsControl(one)).Take(LongestName)]) : "without a name";

    private static bool BlocksDeviceCode(GraphPolicy policy) => policy.State is "enabled" or "enabledForReportingButNotEnforced"
        && policy.Conditions?.AuthenticationFlows?.TransferMethods?.Contains("deviceCodeFlow", StringComparison.OrdinalIgnoreCase) == true
        && policy.GrantControls?.BuiltInControls?.Contains("block", StringComparer.OrdinalIgnoreCase) == true;

    /// <summary>Left out by name, or not among those it names. Groups and roles may hold anybody.</summary>
    private static bool Misses(GraphPolicy policy, string user)
    {
        if (policy.Conditions?.Users is not { } users) return false;
        if (users.ExcludeUsers?.Contains(user, StringComparer.OrdinalIgnoreCase) == true) return true;
        return users is { IncludeUsers: { } named, IncludeGroups: null or { Count: 0 }, IncludeRoles: null or { Count: 0 } } && !named.Contains("All", StringComparer.OrdinalIgnoreCase) && !named.Contains(user, StringComparer.OrdinalIgnoreCase);
    }

    private static DoctorLine Unread(string what, TenantObstacle? obstacle) => DoctorLine.Unknown($"{what} could not be read.", NotRead) with { ServerWords = obstacle is null ? "" : obstacle.ServerWords.Length > 0 ? obstacle.ServerWords : obstacle.Sentence };

    private static DoctorLine Named(string key, DoctorLine line) => line with { Key = key };
}

using DeviceMail.Activity;

namespace DeviceMail.Accounts;

/// <summary>What the end of an earlier sign-in taught about the next one's.</summary>
/// <param name="Number">Entra's number that ended it.</param>
/// <param name="Period">From the person's sign-in to its end.</param>
public sealed record LearntEnd(int Number, TimeSpan Period);

/// <summary>A policy of the organisation that will end sign-ins by device code.</summary>
/// <param name="At">The earliest moment; where the policy is on already, when that was seen.</param>
/// <param name="Policy">Its name.</param>
public sealed record ForetoldEnd(DateTimeOffset At, string Policy)
{
    /// <summary>Whether it blocks already, and does not only report.</summary>
    public bool IsOn { get; init; }
}

/// <summary>When a sign-in will end unless a person renews it, and why, in words.</summary>
public sealed record SignInEnd(DateTimeOffset At, string Reason);

/// <summary>
/// Predicts the end of a sign-in. Entra does not tell it: disuse ends a sign-in after a known time, and a rule of the organisation (sign-in frequency,
/// remembered MFA) ends each one after the same time, which the first end teaches.
/// </summary>
public static class SignInForecast
{
    /// <summary>Conditional Access: sign-in frequency (Microsoft Entra authentication and authorization error codes).</summary>
    public const int SignInFrequency = 70043;

    /// <summary>The remembered multifactor authentication has run out.</summary>
    public const int RememberedMfa = 50078;

    /// <summary>A policy blocks sign-ins that began with a device code, at their next refresh.</summary>
    public const int DeviceCodeBlocked = 530036;

    /// <summary>Entra ends a refresh token after so long without use (Refresh tokens in the Microsoft identity platform).</summary>
    public static readonly TimeSpan Inactivity = TimeSpan.FromDays(90);

    /// <summary>The longest life of an access token without a policy of its own; the refresh after it meets the block (Access tokens in the Microsoft identity platform).</summary>
    public static readonly TimeSpan NextRefresh = TimeSpan.FromMinutes(90);

    // A provider ends a sign-in at its own clock and at the next refresh, which comes within the life of an access token.
    private static readonly TimeSpan _slack = TimeSpan.FromHours(6);

    /// <summary>The earliest end that is known of, or null.</summary>
    public static SignInEnd? Of(Account account, SignInRecord record)
    {
        if (record is not { Since: { } since }) return null;
        if (account.IsApplication) return OfCredential(account);
        var refreshed = record.LastRefreshed ?? since;
        List<SignInEnd> known = [];
        if (record.LearntEnd is { } learnt) known.Add(new SignInEnd(since + learnt.Period, ReasonOf(learnt)));
        var isByCode = record.By == SignInWay.DeviceCode;
        if (isByCode && record.DeviceCodeEnds is { } ends)
            known.Add(OfPolicy(ends, refreshed));
        if (isByCode && record.DeviceCodeBlockedAt is not null)
            known.Add(new SignInEnd(refreshed + NextRefresh, "The last sign-in ended because a policy of the organisation blocks sign-ins by device code (AADSTS530036). Until the policy "
                + "leaves this mailbox out, the next renewal ends this one too; a sign-in in a browser is not touched by it."));
        if (Providers.Of(account).IsMicrosoft) known.Add(new SignInEnd(refreshed + Inactivity, $"The provider ends a sign-in after {InWords(Inactivity)} without use. DeviceMail renews it every day, so that this does not come."));
        return known.MinBy(end => end.At);
    }

    /// <summary>A policy that may be on is met by the next renewal.</summary>
    private static SignInEnd OfPolicy(ForetoldEnd ends, DateTimeOffset refreshed)
    {
        var (policy, isDue) = ($"The organisation's policy “{ends.Policy}”", ends.IsOn || ends.At <= refreshed);
        return new SignInEnd(isDue ? (ends.At > refreshed ? ends.At : refreshed) + NextRefresh : ends.At, ends.IsOn
            ? $"{policy} blocks sign-ins by device code: the next renewal ends this one (AADSTS530036). A sign-in in a browser is not touched by it."
            : $"{policy} blocks sign-ins by device code when it is switched on, {(isDue ? "which may be any day now" : "then at the earliest")}; this sign-in ends with it (AADSTS530036). A sign-in in a browser is not touched by it.");
    }

    /// <summary>An application's sign-in lasts as long as what it proves itself with.</summary>
    private static SignInEnd? OfCredential(Account account) => account.Certificate.Length > 0
        ? new SignInEnd(ApplicationCertificate.EndOf(account.Certificate), "The application's certificate runs out. Make the next one under Sign In, and upload it to the registration: the present one goes on until then.")
        : account.SecretEnds is { } end ? new SignInEnd(end, "The application's client secret runs out. Make another one at the provider, or better a certificate under Sign In.") : null;

    /// <summary>Keeps what was learnt over a new sign-in, and learns from an end that follows a rule.</summary>
    /// <param name="before">The record as it was.</param>
    /// <param name="after">The record as it is to be.</param>
    /// <param name="now">The wall clock.</param>
    public static SignInRecord Learn(SignInRecord before, SignInRecord after, DateTimeOffset now)
    {
        var next = after with
        {
            LearntEnd = after.LearntEnd ?? before.LearntEnd,
            DeviceCodeBlockedAt = after.DeviceCodeBlockedAt ?? before.DeviceCodeBlockedAt,
            DeviceCodeEnds = after.DeviceCodeEnds ?? before.DeviceCodeEnds,
        };
        if (next is not { Since: { } since }) return next;
        if (next.Problem is null)
        {
            var refreshed = next.LastRefreshed ?? since;
            // A renewal in spite of the rule disproves it.
            if (next.LearntEnd is { } learnt && refreshed > since + learnt.Period + _slack) next = next with { LearntEnd = null };
            if (next.DeviceCodeEnds is { IsOn: true } ends && refreshed > ends.At + _slack) next = next with { DeviceCodeEnds = null };
            if (refreshed > since && next.DeviceCodeBlockedAt < since) next = next with { DeviceCodeBlockedAt = null };
            return next;
        }
        var hadEnded = Problems.Find(before.Problem) is { Code: not 360 };
        if (hadEnded || before.Since != next.Since) return next;
        var numbers = Catalogue.NumbersIn(next.ServerWords);
        if (numbers.Contains(DeviceCodeBlocked)) return next with { DeviceCodeBlockedAt = now };
        return numbers.FirstOrDefault(number => number is SignInFrequency or RememberedMfa) is var rule and not 0 && now > since
            ? next with { LearntEnd = new LearntEnd(rule, Rounded((next.LastRefreshed ?? since) - since, now - since)) }
            : next;
    }

    /// <summary>In words of whole days, or hours where it is shorter than two days.</summary>
    public static string InWords(TimeSpan period) => period >= TimeSpan.FromDays(2) ? $"{period.TotalDays:0} days" : period >= TimeSpan.FromHours(1.5) ? $"{period.TotalHours:0} hours" : "an hour";

    /// <summary>Administrators set whole days or hours; the end lies between the last renewal and its refusal.</summary>
    private static TimeSpan Rounded(TimeSpan stillGood, TimeSpan refused)
    {
        foreach (var unit in (TimeSpan[])[TimeSpan.FromDays(1), TimeSpan.FromHours(1)])
            if (unit * Math.Ceiling(stillGood / unit) is var whole && whole > TimeSpan.Zero && whole <= refused) return whole;
        return stillGood > TimeSpan.Zero ? stillGood : refused;
    }

    private static string ReasonOf(LearntEnd learnt) => learnt.Number == SignInFrequency
        ? $"The organisation asks for a new sign-in every {InWords(learnt.Period)} (sign-in frequency, AADSTS70043): the last sign-in ended after that time."
        : $"The organisation remembers multifactor authentication for {InWords(learnt.Period)} (AADSTS50078): the last sign-in ended after that time.";
}

using DeviceMail.Activity;
using DeviceMail.Web;

namespace DeviceMail.Accounts;

/// <summary>Which interfaces refuse an account, in words.</summary>
internal static class TransportWords
{
    public static string Name(Transport transport) => transport == Transport.Graph ? "Microsoft Graph" : "SMTP";

    /// <summary>One sentence an interface, with what mends it.</summary>
    public static IReadOnlyList<string> Of(Account account, SignInRecord record) => account.Transports is [_] ? [] :
    [
        .. record.Refused.Where(one => account.Transports.Contains(one.Transport)).Select(one =>
        {
            var problem = Problems.Find(one.Problem, one.ServerWords) ?? Problems.ServerRefuses;
            var others = account.Transports.Where(other => record.Refused.All(refused => refused.Transport != other)).Select(Name).ToList();
            return $"{Name(one.Transport)} is refused since {Words.Date(one.Since)}, {Words.Time(one.Since)}: {problem.Title}. "
                + $"{(others.Count > 0 ? $"Mail goes out by {string.Join(" and ", others)}. Nothing has to be done. To open {Name(one.Transport)} too:" : "To open it:")} {problem.RemedyFor(account.Address.ToString())}";
        }),
    ];
}

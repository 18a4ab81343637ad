using System.Net;
using System.Text;
using DeviceMail.Accounts;
using DeviceMail.Storage;
using MailKit.Security;

namespace DeviceMail.Sending;

/// <summary>
/// XOAUTH2 (Google and Microsoft) and OAUTHBEARER (RFC 7628) with a token of any length. A long token waits for the server's 334,
/// because a line with an initial response may be cut at 1,031 octets; a refusal's JSON is kept and answered as each mechanism asks.
/// </summary>
internal sealed class TokenSasl(Account account, Secret token) : SaslMechanism(new NetworkCredential(account.SmtpUserName, ""))
{
    private const int LongestInitialLine = 1_000;

    private readonly bool _isBearer = account.OAuth.Mechanism == TokenMechanism.OAuthBearer;
    private bool _answered;

    /// <summary>What the server said about a refused token, or null.</summary>
    public string? Refusal { get; private set; }

    public override string MechanismName => _isBearer ? "OAUTHBEARER" : "XOAUTH2";

    public override bool SupportsInitialResponse => "AUTH OAUTHBEARER ".Length + (Response().Length + 2) / 3 * 4 + 2 <= LongestInitialLine;

    public override void Reset()
    {
        _answered = false;
        base.Reset();
    }

    protected override byte[] Challenge(byte[]? token, int startIndex, int length, CancellationToken cancellationToken)
    {
        if (!_answered)
        {
            _answered = true;
            return Encoding.UTF8.GetBytes(Response());
        }
        Refusal = token is null ? "" : Encoding.UTF8.GetString(token, startIndex, length);
        IsAuthenticated = true;
        return _isBearer ? [1] : [];
    }

    /// <summary>A comma would end the name, and an equals sign begins an escape (RFC 5801 4).</summary>
    private static string SaslName(string name) => name.Replace("=", "=3D", StringComparison.Ordinal).Replace(",", "=2C", StringComparison.Ordinal);

    private string Response() => _isBearer
        ? $"n,a={SaslName(account.SmtpUserName)},\u0001host={account.Host}\u0001port={account.Port}\u0001auth=Bearer {token.Reveal()}\u0001\u0001"
        : $"user={account.SmtpUserName}\u0001auth=Bearer {token.Reveal()}\u0001\u0001";
}

using DeviceMail.Accounts;
using DeviceMail.Messages;
using DeviceMail.Queue;

namespace DeviceMail.Sending;

/// <summary>One attempt to send one job.</summary>
internal sealed record SendAttempt(Job Job, Account Account, GatewayIdentity Gateway)
{
    /// <summary>Connections that are open to the account's SMTP server.</summary>
    public required UpstreamPool Pool { get; init; }

    /// <summary>Whom the mail has not reached yet.</summary>
    public MailAddress[] Open => [.. Job.Recipients.Where(one => one.State == RecipientState.Open).Select(one => one.Address)];
}

/// <summary>Hands a stored mail to the provider by one of its interfaces: to the envelope's open recipients and to nobody else.</summary>
internal interface ISender
{
    Task<DeliveryResult> SendAsync(SendAttempt attempt, CancellationToken cancel);
}

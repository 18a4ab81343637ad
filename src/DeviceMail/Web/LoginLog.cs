using System.Net;
using DeviceMail.Activity;

namespace DeviceMail.Web;

/// <summary>Who came in, and who did not.</summary>
internal sealed class LoginLog(ActivityLog activity)
{
    public Task SucceededAsync(IPAddress client) => activity.RecordAsync(Subject.Administrator, Name(client), $"Somebody logged in to Web Config from {Name(client)}.");

    public Task FailedAsync(IPAddress client) => activity.RecordAsync(Subject.Administrator, Name(client), $"A wrong administrator password was entered from {Name(client)}.");

    private static string Name(IPAddress client) => $"{(client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client)}";
}

namespace DeviceMail.Web;

/// <summary>Checks the administrator's password wherever one is typed, with the same delay after wrong ones.</summary>
internal static class PasswordGate
{
    public sealed record Refusal(int Status, string Sentence);

    /// <summary>Null when it is the password.</summary>
    public static async Task<Refusal?> RefusalAsync(HttpContext context, string password)
    {
        var (delay, client) = (context.Part<LoginDelay>(), context.Client());
        if (delay.Begin(client) is var wait && wait > TimeSpan.Zero)
        {
            context.Response.Headers.RetryAfter = $"{Math.Ceiling(wait.TotalSeconds)}";
            return new Refusal(StatusCodes.Status429TooManyRequests, $"After several wrong passwords, wait {Math.Ceiling(wait.TotalSeconds)} seconds and try again.");
        }
        if (await context.Part<Administrator>().HasPasswordAsync(password))
        {
            delay.Succeeded(client);
            return null;
        }
        await context.Part<LoginLog>().FailedAsync(client);
        return new Refusal(StatusCodes.Status422UnprocessableEntity, "This is not the administrator's password.");
    }
}
